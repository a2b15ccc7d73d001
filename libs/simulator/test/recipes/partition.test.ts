import { partition } from '@paddock/recipes';
import type { Partitioner } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/recipes/application.ts';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/shards';
const PARTS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Notes who works on what, and fails where two do. */
class Workshop {
  readonly working = new Map<string, string>();
  readonly ensemble: QuietEnsemble;

  constructor(ensemble: QuietEnsemble) {
    this.ensemble = ensemble;
  }

  member(application: Application, leaveMs = 0): Partitioner {
    const { client, name } = application;
    return partition(client, PATH, {
      parts: PARTS,
      id: name,
      work: async (part, held, leave) => {
        expect(this.working.get(part)).toBe(undefined);
        this.working.set(part, name);
        while (!leave.aborted && held.isHeld) await application.sleep(10);
        if (held.isHeld) await application.sleep(leaveMs);
        this.working.delete(part);
      },
    });
  }

  get shares(): readonly number[] {
    const owners = [...this.working.values()];
    return [...new Set(owners)].map((it) => owners.filter((owner) => owner === it).length).sort();
  }
}

describe('a partitioner', () => {
  it('shares all parts out, each to one member, anew when somebody comes or goes', async () => {
    const ensemble = await QuietEnsemble.start();
    const workshop = new Workshop(ensemble);
    const [first, second, third] = ensemble.applications(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    const alone = workshop.member(first);
    await ensemble.pass(2000);
    expect(alone.owned).toEqual(PARTS);
    const other = workshop.member(second);
    await ensemble.pass(2000);
    expect(workshop.shares).toEqual([3, 3]);
    workshop.member(third);
    await ensemble.pass(2000);
    expect(workshop.shares).toEqual([2, 2, 2]);
    await ensemble.until(other.close());
    await ensemble.pass(2000);
    expect(workshop.shares).toEqual([3, 3]);
  });

  it('gives a part away when the work on it has returned, and not before', async () => {
    const ensemble = await QuietEnsemble.start();
    const workshop = new Workshop(ensemble);
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    workshop.member(first, 3000);
    await ensemble.pass(1000);
    const other = workshop.member(second);
    await ensemble.pass(2000);
    expect(other.owned).toEqual([]);
    await ensemble.pass(3000);
    expect(workshop.shares).toEqual([3, 3]);
  });

  it('passes the parts on of one who dies without a word, once its session has expired', async () => {
    const ensemble = await QuietEnsemble.start();
    const workshop = new Workshop(ensemble);
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    const other = workshop.member(first);
    workshop.member(second);
    await ensemble.pass(2000);
    expect(workshop.shares).toEqual([3, 3]);
    second.vanish();
    for (const [part, owner] of workshop.working) {
      if (owner === second.name) workshop.working.delete(part);
    }
    await ensemble.pass(60_000);
    expect(other.owned).toEqual(PARTS);
  });

  it('ends with its session, and with an error of the work', async () => {
    const ensemble = await QuietEnsemble.start();
    const [first, second] = ensemble.applications(2);
    if (first === undefined || second === undefined) throw new Error();
    const failing = partition(first.client, PATH, {
      parts: PARTS,
      id: 'failing',
      work: () => Promise.reject(new Error('cannot')),
    });
    expect(await ensemble.until(failure(failing.ended))).toBe('Error: cannot');
    const other = new Workshop(ensemble).member(second);
    await ensemble.pass(2000);
    expect(other.owned).toEqual(PARTS);
    await ensemble.until(second.client.close());
    expect(await ensemble.until(failure(other.ended))).not.toBe('none');
    expect(other.owned).toEqual([]);
  });
});
