import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { decodeText } from '@paddock/client';
import { ZnodeService } from '@paddock/contracts';
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';
import { RawGrpc } from '../src/raw-grpc.ts';
import type { CallResult } from '../src/raw-grpc.ts';
import { ReadLoad } from '../src/read-load.ts';
import type { ReplicaNetwork } from '../src/replica-network.ts';
import { StateRecord } from '../src/state-record.ts';
import { WriteLoad } from '../src/write-load.ts';

type Part = (network: ReplicaNetwork, leader: number, other: number) => void;

/** Between the leader and each of the others. */
const PARTITIONS: readonly { readonly name: string; readonly part: Part }[] = [
  { name: 'breaks all connections of', part: (network, leader, it) => network.cut(leader, it) },
  {
    name: 'drops all from and to',
    part(network, leader, it) {
      network.stall(leader, it);
      network.stall(it, leader);
    },
  },
  { name: 'drops all from', part: (network, leader, it) => network.stall(leader, it) },
  { name: 'drops all to', part: (network, leader, it) => network.stall(it, leader) },
];

const PACED = { outstanding: 4, paceMs: 5 };

describe('three replicas', () => {
  const shared = EnsembleUnderTest.shared({ voters: 3 });

  it.each(PARTITIONS)(
    'elect another when the network $name the leader, and lose nothing',
    async ({ part, name }) => {
      const ensemble = shared();
      const leader = await ensemble.leader();
      const others = ensemble.others(leader);
      const elsewhere = await ensemble.clients(3, others);
      // It stays with the leader that was, so the service may be away from it for long.
      const here = await ensemble.clients(1, [leader], { sessionTimeoutMs: 40_000 });
      const clients = [...elsewhere, ...here];
      const states = new StateRecord(clients);
      const root = `/${name.replaceAll(' ', '-')}`;
      const writes = new WriteLoad(clients, { ...PACED, root });
      await writes.start();
      const reads = new ReadLoad(clients, writes);
      reads.start();
      await Promise.all([writes.untilAcknowledged(20), reads.untilAnswered(20)]);
      for (const { number } of others) part(ensemble.network, leader.number, number);
      await ensemble.leader(others);
      const before = writes.acknowledged(0);
      await eventually('writes go on elsewhere', () => {
        if (writes.acknowledged(0) < before + 50) throw new Error('not yet');
      });
      await eventually('the leader that was knows it', async () => {
        const { role } = (await ensemble.statusOf(leader)).broadcaster;
        if (role === 'leader') throw new Error('it leads');
      });
      ensemble.network.heal();
      await Promise.all([writes.untilAcknowledged(20), reads.untilAnswered(20)]);
      await reads.stop();
      await writes.stop();
      expect(reads.faults).toEqual([]);
      expect(writes.failures).toEqual([]);
      expect(states.seen).not.toContain('expired');
      await ensemble.untilServing();
      await writes.verify(await ensemble.connect([leader]));
      await ensemble.untilEqual();
    },
    180_000,
  );

  it('keep the leader that one follower cannot reach, and its epoch (H24)', async () => {
    const ensemble = shared();
    const leader = await ensemble.leader();
    const [cut, well] = ensemble.others(leader);
    if (cut === undefined || well === undefined) throw new Error('no followers');
    const { epoch } = (await ensemble.statusOf(leader)).broadcaster;
    const clients = await ensemble.clients(3, [leader, well]);
    const states = new StateRecord(clients);
    const writes = new WriteLoad(clients, { ...PACED, root: '/partial' });
    await writes.start();
    ensemble.network.cut(cut.number, leader.number);
    await eventually('the one that is cut has no leader', async () => {
      const { role } = (await ensemble.statusOf(cut)).broadcaster;
      if (role !== 'looking') throw new Error(role);
    });
    // Time to ask for votes, many times.
    await sleep(4000);
    await writes.untilAcknowledged(20);
    await writes.stop();
    expect(writes.failures).toEqual([]);
    expect(states.changes.flat()).toEqual([]);
    ensemble.network.heal();
    await ensemble.untilServing();
    expect((await ensemble.leader()).number).toBe(leader.number);
    for (const replica of ensemble.replicas) {
      expect((await ensemble.statusOf(replica)).broadcaster.epoch).toBe(epoch);
    }
    await writes.verify(await ensemble.connect([cut]));
    await ensemble.untilEqual();
  }, 180_000);

  it('answer no local read for long at one that is cut off from both', async () => {
    const ensemble = shared();
    const [cut] = await ensemble.followers();
    if (cut === undefined) throw new Error('no follower');
    const here = await ensemble.connect([cut], { sessionTimeoutMs: 40_000 });
    await here.create('/seen', 'by all');
    for (const { number } of ensemble.others(cut)) ensemble.network.cut(cut.number, number);
    await eventually('it stops serving', async () => {
      if ((await ensemble.statusOf(cut)).database.serving) throw new Error('it serves');
    });
    await eventually('its client is told', () => {
      if (here.state === 'connected') throw new Error(here.state);
    });
    ensemble.network.heal();
    await ensemble.untilServing();
    expect((await here.get('/seen')).stat.version).toBe(0);
    expect(here.state).toBe('connected');
  }, 180_000);

  it('answer calls that accept read-only at one that is cut off, and say so', async () => {
    const ensemble = shared();
    const [cut] = await ensemble.followers();
    if (cut === undefined) throw new Error('no follower');
    const well = await ensemble.connect(ensemble.others(cut));
    const { zxid } = await well.create('/read-only', 'before');
    const grpc = new RawGrpc(cut.address);
    const get = (more: object): Promise<CallResult<paddock.client.v1.GetResponse>> =>
      grpc.unary(ZnodeService.get, { path: '/read-only', acceptReadOnly: true, ...more });
    const atLeast = { atLeastEpoch: epochOf(zxid), atLeastCounter: counterOf(zxid) };
    expect(await get(atLeast)).toMatchObject({ ok: true, response: { readOnly: false } });
    for (const { number } of ensemble.others(cut)) ensemble.network.cut(cut.number, number);
    await eventually('it stops serving', async () => {
      if ((await ensemble.statusOf(cut)).database.serving) throw new Error('it serves');
    });
    const set = await well.set('/read-only', 'behind its back');
    const cutOff = await get(atLeast);
    expect(cutOff).toMatchObject({ ok: true, response: { readOnly: true } });
    expect(cutOff.ok && decodeText(cutOff.response.data)).toBe('before');
    for (const more of [{ acceptReadOnly: false }, { linearizable: true }]) {
      expect(await get(more)).toMatchObject({ ok: false, end: { code: status.UNAVAILABLE } });
    }
    const write = await grpc.unary(ZnodeService.set, { path: '/read-only' });
    expect(write).toMatchObject({ ok: false, end: { code: status.UNAVAILABLE } });
    ensemble.network.heal();
    await ensemble.untilServing();
    const newer = { atLeastEpoch: epochOf(set.zxid), atLeastCounter: counterOf(set.zxid) };
    const healed = await get(newer);
    expect(healed).toMatchObject({ ok: true, response: { readOnly: false } });
    expect(healed.ok && decodeText(healed.response.data)).toBe('behind its back');
    grpc.close();
  }, 180_000);
});
