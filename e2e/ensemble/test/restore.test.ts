import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, decodeText } from '@paddock/client';
import type { ConfigurationFile } from '@paddock/node-runtime';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { Ensemble } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';
import { freePorts } from '../src/free-ports.ts';
import { StageProcess } from '../src/stage-process.ts';

const OBSERVER = 4;

/** Three voters and an observer by their files, none of which has been started. */
class ListedReplicas {
  readonly clients: readonly string[];
  readonly directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
  readonly #ensemble: NonNullable<ConfigurationFile['ensemble']>;
  readonly #processes: StageProcess[] = [];

  private constructor(ports: readonly number[]) {
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    this.clients = addresses.slice(OBSERVER);
    this.#ensemble = addresses.slice(0, OBSERVER).map((address, i) => ({
      replica: i + 1,
      address,
      role: i + 1 === OBSERVER ? 'observer' : 'voter',
    }));
    onTestFinished(async () => {
      for (const process of this.#processes) await process.end('SIGTERM');
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  static async make(): Promise<ListedReplicas> {
    return new ListedReplicas(await freePorts(2 * OBSERVER));
  }

  configuration(replica: number): ConfigurationFile {
    return {
      replica,
      dataDirectory: join(this.directory, `data-${replica}`),
      addresses: { client: this.clients[replica - 1] ?? '' },
      ensemble: this.#ensemble,
    };
  }

  /** `paddock restore` for one of them; what it prints. */
  async restore(replica: number, backup: string): Promise<string> {
    const config = this.#fileOf(replica);
    writeFileSync(config, JSON.stringify(this.configuration(replica)));
    const { code, stdout, stderr } = await runPaddock(['restore', backup, '--config', config]);
    return code === 0 ? stdout : stderr;
  }

  async start(replica: number): Promise<StageProcess> {
    const file = this.#fileOf(replica);
    const process = await StageProcess.start(undefined, this.configuration(replica), file);
    this.#processes.push(process);
    return process;
  }

  #fileOf(replica: number): string {
    return join(this.directory, `replica-${replica}.json`);
  }
}

describe('a backup restored by configuration files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'paddock-backup-'));
  const backup = join(directory, 'backup');

  beforeAll(async () => {
    const ensemble = await Ensemble.start({ topology: 'fused' });
    const client = await connect({ servers: ensemble.address });
    await client.create('/kept', 'here');
    await client.close();
    const taken = await runPaddock(['backup', backup, '--server', ensemble.address]);
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    expect(await ensemble.stop()).toBe(0);
  }, 120_000);

  afterAll(() => rmSync(directory, { recursive: true }));

  it('H7: serves once all voters are there, and an observer that was empty has it then', async () => {
    const replicas = await ListedReplicas.make();
    for (const replica of [1, 2, 3]) {
      expect(await replicas.restore(replica, backup)).toMatch(
        /^replica \d in .*: 2 znodes of 1\.\d+; it begins at 2\.1\n$/u,
      );
    }
    expect(await replicas.restore(1, backup)).toContain('holds a replica already');
    const two = [await replicas.start(1), await replicas.start(2)];
    await eventually('both wait for the third', async () => {
      for (const it of two) {
        const status = await (await fetch(`http://${it.admin}/status`)).text();
        expect(status).toContain('replica 3 does not answer, and all are needed at first');
        expect((await it.health()).serving).toBe(false);
      }
    });
    await replicas.start(3);
    await replicas.start(OBSERVER);
    for (const server of replicas.clients) {
      const client = await connect({ servers: server });
      const { data, zxid } = await client.get('/kept', { consistency: { kind: 'linearizable' } });
      expect(decodeText(data)).toBe('here');
      expect(zxid).toBeGreaterThan(2 * 2 ** 32);
      await client.close();
    }
  }, 180_000);

  it('H8: comes to a voter that was not restored from one that was', async () => {
    const replicas = await ListedReplicas.make();
    for (const replica of [1, 3]) await replicas.restore(replica, backup);
    for (const replica of [1, 2, 3]) await replicas.start(replica);
    const client = await connect({ servers: [replicas.clients[1] ?? ''] });
    const { data } = await client.get('/kept', { consistency: { kind: 'linearizable' } });
    expect(decodeText(data)).toBe('here');
    await client.close();
  }, 180_000);

  it('takes a file that is a backup, and says what it wants where it is not', async () => {
    const replicas = await ListedReplicas.make();
    const other = join(directory, 'other');
    writeFileSync(other, 'no backup, but as long as the head of one');
    expect(await replicas.restore(1, other)).toContain(
      'is no backup that can be used: not a snapshot',
    );
    expect(await replicas.restore(1, join(directory, 'nothing'))).toContain('no such file');
    const bare = await runPaddock(['restore', backup]);
    expect(bare.code).not.toBe(0);
    expect(bare.stderr).toContain('takes a backup and --config FILE');
  });
});
