import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, decodeText, step } from '@paddock/client';
import type { Client } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';

const PAIRS = [1, 2, 3, 4, 5, 6, 7, 8].map((pair) => `/pairs/${pair}`);

/** Counts both halves of a pair up in one transaction, again and again, until what it returns is called. */
function countingUp(client: Client, pair: string): () => Promise<void> {
  const load = { isOver: false };
  const writing = (async () => {
    for (let count = 1; !load.isOver; count++) {
      const both = ['left', 'right'].map((half) => step.set(`${pair}/${half}`, String(count)));
      await client.transaction({ then: both });
    }
  })();
  return () => {
    load.isOver = true;
    return writing;
  };
}

async function numberAt(client: Client, path: string): Promise<number> {
  return Number(decodeText((await client.get(path)).data));
}

describe.each(TOPOLOGIES)('a backup, %s', (topology) => {
  const directory = mkdtempSync(join(tmpdir(), 'paddock-backup-'));
  const file = join(directory, 'backup');
  let ensemble: Ensemble;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology });
  });

  afterAll(async () => {
    expect(await ensemble.stop()).toBe(0);
    rmSync(directory, { recursive: true });
  });

  it('taken while writes go on is of one zxid, has what was acknowledged, and founds an ensemble', async () => {
    const client = await connect({ servers: ensemble.address });
    await client.create('/kept', 'here');
    await client.create('/kept/ephemeral', '', { mode: 'ephemeral' });
    await client.create('/pairs', '');
    for (const pair of PAIRS) {
      await client.create(pair, 'x'.repeat(1000));
      for (const half of ['left', 'right']) await client.create(`${pair}/${half}`, '0');
    }
    const loads = PAIRS.map((pair) => countingUp(client, pair));
    const before = await Promise.all(PAIRS.map((pair) => numberAt(client, `${pair}/left`)));
    const { zxid } = await client.sync();
    const taken = await runPaddock(['backup', file, '--server', ensemble.address, '--json']);
    const after = await Promise.all(PAIRS.map((pair) => numberAt(client, `${pair}/left`)));
    await Promise.all(loads.map((end) => end()));
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(taken.stdout)).toMatchObject({ file, znodes: 4 + 3 * PAIRS.length });
    await client.close();

    const restored = await Ensemble.start({ topology, replicas: 3, args: ['--restore', file] });
    const other = await connect({ servers: restored.address });
    for (const [index, pair] of PAIRS.entries()) {
      const left = await numberAt(other, `${pair}/left`);
      expect(await numberAt(other, `${pair}/right`)).toBe(left);
      expect(left).toBeGreaterThanOrEqual(before[index] ?? Infinity);
      expect(left).toBeLessThanOrEqual(after[index] ?? -1);
    }
    const { data, stat } = await other.get('/kept');
    expect(decodeText(data)).toBe('here');
    expect((await other.list('/kept')).children).toEqual([]);
    const created = await other.create('/new');
    expect(created.zxid).toBeGreaterThan(stat.mzxid);
    expect(created.zxid).toBeGreaterThan(zxid);
    await other.close();
    expect(await restored.stop()).toBe(0);
  });

  it('founds an ensemble of one, which keeps what it was founded with over a restart', async () => {
    const data = join(directory, 'one');
    const one = await Ensemble.start({ topology, data, args: ['--restore', file] });
    const client = await connect({ servers: one.address });
    await client.set('/kept', 'changed');
    await client.close();
    expect(await one.stop()).toBe(0);
    const again = await Ensemble.start({ topology, data });
    const other = await connect({ servers: again.address });
    expect(decodeText((await other.get('/kept')).data)).toBe('changed');
    expect((await other.list('/pairs')).children).toHaveLength(PAIRS.length);
    await other.close();
    expect(await again.stop()).toBe(0);
    const refused = await runPaddock(['serve', '--restore', file, '--data', data]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('holds an ensemble already');
  });

  it('that is damaged or cut short is refused, and leaves nothing behind', async () => {
    const bytes = readFileSync(file);
    const damaged = join(directory, 'damaged');
    const flipped = Uint8Array.from(bytes);
    flipped[bytes.length - 30] = (flipped[bytes.length - 30] ?? 0) ^ 1;
    const data = join(directory, 'data');
    for (const content of [flipped, bytes.subarray(0, bytes.length - 5), bytes.subarray(0, 10)]) {
      writeFileSync(damaged, content);
      const refused = await runPaddock(['serve', '--restore', damaged, '--data', data]);
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('is no backup that can be used');
    }
  });
});
