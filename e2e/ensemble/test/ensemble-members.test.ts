import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, decodeText, Members } from '@paddock/client';
import type { ConfigurationFile } from '@paddock/node-runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { eventually } from '../src/eventually.ts';
import { freePorts } from '../src/free-ports.ts';
import { StageProcess } from '../src/stage-process.ts';

/** Three voters by their files, and one more replica that is listed as an observer by its own. */
async function startFour() {
  const directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
  const ports = await freePorts(8);
  const addresses = ports.slice(0, 4).map((port) => `127.0.0.1:${port}`);
  const clients = ports.slice(4).map((port) => `127.0.0.1:${port}`);
  const processes: StageProcess[] = [];
  onTestFinished(async () => {
    for (const process of processes) await process.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  });
  for (const number of [1, 2, 3, 4]) {
    const ensemble = addresses
      .map((address, i) => ({
        replica: i + 1,
        address,
        role: i < 3 ? ('voter' as const) : ('observer' as const),
      }))
      .filter((it) => it.role === 'voter' || it.replica === number);
    const configuration: ConfigurationFile = {
      replica: number,
      dataDirectory: join(directory, `data-${number}`),
      addresses: { client: clients[number - 1] ?? '' },
      ensemble,
    };
    const file = join(directory, `replica-${number}.json`);
    processes.push(await StageProcess.start(undefined, configuration, file));
  }
  return { addresses, clients, processes };
}

describe('members', () => {
  it('come, lead and go while clients write, and no write is lost', async () => {
    const { addresses, clients } = await startFour();
    const broadcaster = addresses.join(',');
    const paddock = async (...args: string[]) => {
      const result = await runPaddock([...args, '--broadcaster', broadcaster]);
      if (result.code !== 0) throw new Error(`${result.stdout}${result.stderr}`);
      return result.stdout;
    };
    const members = new Members({ broadcasters: addresses });
    await eventually('four are synchronized', async () => {
      const list = await members.list();
      expect(list.members.filter((it) => it.isSynchronized).length).toBe(4);
    });
    const client = await connect({ servers: [clients[3] ?? ''] });
    await client.create('/count', '0');
    let written = 0;
    const load = { isOver: false };
    const writing = (async () => {
      for (; !load.isOver; written++) await client.set('/count', String(written + 1));
    })();

    expect(await paddock('members', 'plan', '--add', `4=${addresses[3] ?? ''}`)).toContain(
      'of the voters 1, 2, 3, 4: 3 needed',
    );
    await eventually('it is added', () => paddock('members', 'add', '4', addresses[3] ?? ''));
    await eventually('it leads', () => paddock('leader', 'transfer', '4'));
    await eventually('it is established', async () => {
      const list = await members.list();
      expect(list.members.find((it) => it.isLeader)?.replica).toBe(4);
    });
    await eventually('two are taken out of the vote', () => paddock('members', 'remove', '1'));
    await eventually('and fall', () => paddock('members', 'demote', '2'));
    const { outlook } = await members.list();
    expect(outlook).toMatchObject({ voters: [3, 4], quorum: 2 });
    await expect(members.change({ version: 1, steps: [] })).rejects.toMatchObject({
      code: 'versionMismatch',
    });

    load.isOver = true;
    await writing;
    const { data, stat } = await client.get('/count', { consistency: { kind: 'linearizable' } });
    expect([Number(decodeText(data)), stat.version]).toEqual([written, written]);
    await client.close();
  }, 180_000);
});
