import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, decodeText, WatchStream } from '@paddock/client';
import type { StateChange } from '@paddock/client';
import { afterAll, describe, expect, it } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';

describe.each(TOPOLOGIES)('a running ensemble brought to the state of a backup, %s', (topology) => {
  const directory = mkdtempSync(join(tmpdir(), 'paddock-revert-'));
  const file = join(directory, 'backup');

  afterAll(() => rmSync(directory, { recursive: true }));

  it('ends sessions and tells their watches, and has what the backup has, over restarts too', async () => {
    const data = join(directory, 'data');
    const ensemble = await Ensemble.start({ topology, replicas: 3, data });
    const servers = ensemble.serving.replicas.map(({ endpoints }) => endpoints['client'] ?? '');
    const client = await connect({ servers });
    await client.create('/kept', 'as it was');
    const taken = await runPaddock(['backup', file, '--server', servers.join(',')]);
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    await client.set('/kept', 'changed');
    await client.create('/later', '', { mode: 'ephemeral' });
    const { zxid: before } = await client.sync();
    const changes: StateChange[] = [];
    client.on('state', (change) => changes.push(change));
    const watch = new WatchStream();
    await client.get('/kept', { watch });

    const reverted = await runPaddock([
      'revert',
      file,
      '--admin',
      ensemble.admin,
      '--timeout',
      '60000',
    ]);
    expect(reverted).toMatchObject({ code: 0, stderr: '' });
    // Its replica may have it later than the leader.
    const linearizable = { consistency: { kind: 'linearizable' } } as const;
    await expect(client.get('/kept', linearizable)).rejects.toMatchObject({
      code: 'sessionExpired',
      message: expect.stringContaining('brought to the state of a backup') as string,
    });
    expect(changes.at(-1)).toMatchObject({ state: 'expired', end: 'restored' });
    expect((await watch.next()).value).toMatchObject({ kind: 'sessionEnded' });

    for (const server of servers) {
      const other = await connect({ servers: server });
      const { data: found, zxid } = await other.get('/kept', {
        consistency: { kind: 'linearizable' },
      });
      expect(decodeText(found)).toBe('as it was');
      expect(zxid).toBeGreaterThan(before);
      expect((await other.list('/')).children).not.toContain('later');
      await other.close();
    }
    const logs = await Promise.all(
      servers.map((it) => runPaddock(['log', '/kept', '--server', it])),
    );
    expect(logs.map((it) => it.code)).toEqual([0, 0, 0]);
    expect(logs.some((it) => it.stdout.includes('with all else, as in the backup of'))).toBe(true);
    const writer = await connect({ servers });
    await writer.set('/kept', 'anew');
    await writer.close();
    expect(await ensemble.stop()).toBe(0);
    const again = await Ensemble.start({ topology, data });
    const reader = await connect({ servers: again.address });
    const { data: found } = await reader.get('/kept', { consistency: { kind: 'linearizable' } });
    expect(decodeText(found)).toBe('anew');
    await reader.close();
    expect(await again.stop()).toBe(0);
  }, 240_000);
});
