import { describe, expect, it } from 'vitest';
import { NOTHING_OMITTED, Simulation } from '../src/simulation.ts';
import { storyOf } from '../src/tool/many-seeds.ts';
import { reportOf } from '../src/tool/seed-report.ts';
import { runOf, SmallestRunSearch } from '../src/tool/smallest-run.ts';
import { seedsOfThisCommit } from './seeds.ts';

const { fixed, fresh } = seedsOfThisCommit();

/** Fails with the smallest run that breaks the same, and the command that tells it. */
async function run(seed: number): Promise<ReadonlyMap<string, number>> {
  const result = new Simulation(seed).run();
  if (result.violations.length > 0) {
    const smallest = await new SmallestRunSearch(result, NOTHING_OMITTED, runOf(seed, null)).find();
    expect.fail(storyOf(reportOf(result, null, NOTHING_OMITTED, smallest)));
  }
  return result.counts;
}

describe('an ensemble and its users under faults', () => {
  const seen = new Map<string, number>();

  it.each(fixed)('seed %d keeps every promise', async (seed) => {
    for (const [what, times] of await run(seed)) seen.set(what, (seen.get(what) ?? 0) + times);
  });

  it.each(fresh)('seed %d, drawn from the commit, keeps every promise', async (seed) => {
    await run(seed);
  });

  // Who changes what is drawn shall see if the runs have become tame.
  it('has met what matters in the fixed runs', () => {
    const met = [
      ...['opened', 'resumed', 'closed', 'synced', 'a snapshot rotted', 'a disk was replaced'],
      ...['client: lost', 'client: expired', 'client: suspended', 'client: closed'],
      ...['event: nodeCreated', 'event: nodeDeleted', 'event: nodeDataChanged'],
      ...['event: nodeChildrenChanged', 'watch stream: compacted', 'memory rotted'],
      ...['failed: badVersion', 'failed: notEmpty', 'failed: nodeExists', 'failed: quotaExceeded'],
      ...['failed: sessionExpired', 'unary: dataSet', 'unary: synced'],
      ...['client: readOnly', 'failed: notReadOnly'],
    ];
    expect(met.filter((what) => (seen.get(what) ?? 0) === 0)).toEqual([]);
  });
});

describe('a seed', () => {
  it('runs the same way each time', () => {
    const trace = (): { readonly hash: string; readonly lines: number } => {
      let lines = 0;
      const { traceHash } = new Simulation(11, {
        read: () => {
          lines++;
        },
      }).run();
      return { hash: traceHash, lines };
    };
    const once = trace();
    expect(once.lines).toBeGreaterThan(1000);
    expect(trace()).toEqual(once);
  });

  it('runs another way than the next one, and the same whether or not somebody reads its trace', () => {
    const read = new Simulation(12, { read: () => undefined }).run();
    const unread = new Simulation(12).run();
    expect([...unread.counts]).toEqual([...read.counts]);
    expect(unread.virtualMs).toBe(read.virtualMs);
    expect([...new Simulation(13).run().counts]).not.toEqual([...read.counts]);
  });

  it('has the same faults at the same times when one of them is left out', () => {
    const whole = new Simulation(14).run();
    const less = new Simulation(14, { omit: { faults: [1], users: [1], workMs: 3000 } }).run();
    expect(less.planned).toEqual(whole.planned);
  });
});
