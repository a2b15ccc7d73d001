import { connect, decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { STAGE_NAMES } from '@paddock/node-runtime';
import type { StageName } from '@paddock/node-runtime';
import { describe, expect, it } from 'vitest';
import { Ensemble } from '../src/ensemble.ts';
import type { Topology } from '../src/ensemble.ts';
import { WriteLoad } from '../src/write-load.ts';

const KILLS: readonly { readonly topology: Topology; readonly stage: StageName }[] = [
  { topology: 'fused', stage: 'zab-broadcaster' },
  ...STAGE_NAMES.map((stage) => ({ topology: 'split' as const, stage })),
];

const ROUNDS = 3;

describe.each(KILLS)(
  'kill -9 of the $stage, $topology, under write load',
  ({ topology, stage }) => {
    it('loses no acknowledged write, runs none twice, and gives no client an error', async () => {
      const ensemble = await Ensemble.start({ topology });
      const clients: Client[] = [];
      for (let n = 0; n < 4; n++) {
        clients.push(await connect({ servers: ensemble.address, sessionTimeoutMs: 40_000 }));
      }
      const load = new WriteLoad(clients);
      await load.start();
      for (let round = 0; round < ROUNDS; round++) {
        await load.untilAcknowledged(50);
        await ensemble.killStage(stage);
        await load.untilAcknowledged(50);
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      await load.verify(await connect({ servers: ensemble.address }));
      for (const client of clients) expect(client.state).toBe('connected');
      for (const client of clients) await client.close();
      await ensemble.stop();
    }, 300_000);
  },
);

describe('a replica that was killed and started again', () => {
  it.each(['fused', 'split'] as const)(
    'has every acknowledged write with its zxid, version and times, written %s and served by the other',
    async (topology) => {
      const other: Topology = topology === 'fused' ? 'split' : 'fused';
      const first = await Ensemble.start({ topology, args: ['--no-restart'] });
      const client = await connect({ servers: first.address });
      const { stat: created } = await client.create('/kept', 'v0');
      const { stat } = await client.set('/kept', 'v1');
      await client.create('/kept/child');
      const expected = (await client.exists('/kept')).stat;
      expect(expected).toMatchObject({
        ctime: created.ctime,
        mtime: stat.mtime,
        version: 1,
        cversion: 1,
      });
      for (const pid of first.pids) process.kill(pid, 'SIGKILL');
      client.abandon('its ensemble was killed');
      await first.stopAndKeep();
      const second = await Ensemble.start({ topology: other, data: first.data });
      const reader = await connect({ servers: second.address });
      const read = await reader.get('/kept');
      expect(decodeText(read.data)).toBe('v1');
      expect(read.stat).toEqual(expected);
      await reader.close();
      await second.stop();
      first.removeData();
    },
    120_000,
  );
});
