import { setTimeout as sleep } from 'node:timers/promises';
import { WatchStream } from '@paddock/client';
import type { Client } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';
import { isLong } from '../src/extent.ts';
import { ReadLoad } from '../src/read-load.ts';
import { StateRecord } from '../src/state-record.ts';
import { WriteLoad } from '../src/write-load.ts';

const STOPPED_MS = 3000;
const TOPOLOGIES = isLong ? [{ split: false }, { split: true }] : [{ split: false }];
const PACED = { outstanding: 4, paceMs: 5 };

/** Takes the lock as soon as its holder has lost it. */
async function inherit(heir: Client, path: string): Promise<void> {
  const watch = new WatchStream();
  if ((await heir.exists(path, { watch })).stat !== null) await watch.next();
  await heir.create(path, 'the heir', { mode: 'ephemeral' });
}

describe.each(TOPOLOGIES)('a stop of three seconds (split: $split)', ({ split }) => {
  const shared = EnsembleUnderTest.shared({ voters: 3, split });

  it('of the leader lets nothing stale be read, nothing be lost, and nobody expire twice', async () => {
    const ensemble = shared();
    const leader = await ensemble.leader();
    const others = ensemble.others(leader);
    // Of both sides: those at the leader have reads and writes in its sockets while it stands.
    const atOthers = await ensemble.clients(3, others);
    const atLeader = await ensemble.clients(2, [leader]);
    const live = [...atOthers, ...atLeader];
    const states = new StateRecord(live);
    const writes = new WriteLoad(live, PACED);
    await writes.start();
    const reads = new ReadLoad(live, writes);
    reads.start();
    for (const [index, client] of live.entries()) {
      await client.create(`/alive-${index}`, '', { mode: 'ephemeral' });
    }
    const [heir, witness] = atOthers;
    if (heir === undefined || witness === undefined) throw new Error('no clients');

    // Its silence began before the leader stops, and ends in the new leader's term.
    const dying = await ensemble.connect(others, { sessionTimeoutMs: 4000 });
    await dying.create('/lock', 'the deceased', { mode: 'ephemeral' });
    const inherited = inherit(heir, '/lock');
    dying.abandon('it has died');
    await Promise.all([writes.untilAcknowledged(20), reads.untilAnswered(20), sleep(2000)]);

    leader.signal('SIGSTOP');
    await Promise.all([sleep(STOPPED_MS), ensemble.leader(others)]);
    leader.signal('SIGCONT');
    await writes.untilAcknowledged(20);
    await reads.untilAnswered(20);
    await inherited;
    await ensemble.untilServing();
    await writes.untilAcknowledged(20);
    await reads.stop();
    await writes.stop();

    expect(reads.faults).toEqual([]);
    expect(writes.failures).toEqual([]);
    await writes.verify(witness);
    expect(states.seen).not.toContain('expired');
    expect((await witness.get('/lock')).stat.ephemeralOwner).toBe(heir.session);
    for (const [index, client] of live.entries()) {
      expect((await witness.get(`/alive-${index}`)).stat.ephemeralOwner).toBe(client.session);
    }
    await ensemble.untilEqual();
  }, 180_000);

  it('of a follower costs nobody but its own clients a pause, and shows them nothing stale', async () => {
    const ensemble = shared();
    const [follower] = await ensemble.followers();
    if (follower === undefined) throw new Error('no follower');
    const { epoch } = (await ensemble.statusOf(follower)).broadcaster;
    const elsewhere = await ensemble.clients(3, ensemble.others(follower));
    const here = await ensemble.clients(2, [follower]);
    const undisturbed = new StateRecord(elsewhere);
    const states = new StateRecord(here);
    const writes = new WriteLoad([...elsewhere, ...here], { ...PACED, root: '/beside' });
    await writes.start();
    const reads = new ReadLoad([...elsewhere, ...here], writes);
    reads.start();
    await Promise.all([writes.untilAcknowledged(20), reads.untilAnswered(20)]);
    follower.signal('SIGSTOP');
    const before = writes.acknowledged(0);
    await Promise.all([
      sleep(STOPPED_MS),
      eventually('writes elsewhere go on', () => {
        if (writes.acknowledged(0) < before + 50) throw new Error('not yet');
      }),
    ]);
    follower.signal('SIGCONT');
    await Promise.all([writes.untilAcknowledged(20), reads.untilAnswered(20)]);
    await reads.stop();
    await writes.stop();
    expect(reads.faults).toEqual([]);
    expect(writes.failures).toEqual([]);
    expect(undisturbed.changes.flat()).toEqual([]);
    expect(states.seen).not.toContain('expired');
    await ensemble.untilServing();
    await writes.verify(await ensemble.connect([follower]));
    expect((await ensemble.statusOf(follower)).broadcaster.epoch).toBe(epoch);
    await ensemble.untilEqual();
  }, 180_000);
});
