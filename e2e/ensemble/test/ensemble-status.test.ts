import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, decodeText } from '@paddock/client';
import type { ConfigurationFile } from '@paddock/node-runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { runPaddock } from '../src/command.ts';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';
import type { Topology } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';
import { freePorts } from '../src/free-ports.ts';
import { StageProcess } from '../src/stage-process.ts';

const replica = z.looseObject({
  id: z.number(),
  role: z.string(),
  serving: z.boolean().nullable(),
  pid: z.number().nullable(),
  zxid: z.string().nullable(),
  stages: z.record(z.string(), z.looseObject({ role: z.string().nullable() })),
});

const told = z.looseObject({
  leader: z.number().nullable(),
  epoch: z.number().nullable(),
  votersInStep: z.number().nullable(),
  alarms: z.array(z.string()),
  replicas: z.array(replica),
});

type Told = z.infer<typeof told>;

async function statusAt(...admins: readonly string[]): Promise<{ code: number | null; it: Told }> {
  const result = await runPaddock(['status', '--json', '--admin', admins.join(',')]);
  if (result.stdout === '') throw new Error(result.stderr);
  return { code: result.code, it: told.parse(JSON.parse(result.stdout)) };
}

async function untilWell(admins: readonly string[], size: number): Promise<Told> {
  return eventually(`all ${size} are well`, async () => {
    const { code, it } = await statusAt(...admins);
    if (code !== 0 || it.replicas.length !== size) throw new Error(JSON.stringify(it));
    return it;
  });
}

async function started(
  topology: Topology,
  replicas: number,
  ...args: readonly string[]
): Promise<Ensemble> {
  const ensemble = await Ensemble.start({ topology, replicas, args });
  onTestFinished(() => ensemble.stop().then(() => undefined));
  return ensemble;
}

describe('paddock serve with three replicas', () => {
  it('tells who leads, and who leads next when that one is killed', async () => {
    const ensemble = await started('fused', 3);
    const before = await untilWell([ensemble.admin], 3);
    expect(before.votersInStep).toBe(3);
    const roles = before.replicas.map(({ role }) => role).sort();
    expect(roles).toEqual(['follower', 'follower', 'leader']);
    const client = await connect({
      servers: ensemble.serving.replicas.map(({ endpoints }) => endpoints['client'] ?? ''),
    });
    await client.create('/kept', 'through it all');
    const leading = before.replicas.find(({ id }) => id === before.leader);
    process.kill(leading?.pid ?? 0, 'SIGKILL');
    await client.set('/kept', 'and written after it');
    await eventually('another replica leads', () => {
      const [leads] = ensemble.events('leads').filter((it) => it['replica'] !== before.leader);
      if (leads === undefined) throw new Error('not yet');
    });
    const after = await untilWell([ensemble.admin], 3);
    expect(after.epoch).toBeGreaterThan(before.epoch ?? 0);
    expect(after.replicas.find(({ id }) => id === before.leader)?.pid).not.toBe(leading?.pid);
    expect(client.state).toBe('connected');
    await client.close();
  }, 180_000);

  it('split and with an observer, names the stage that is down, with exit code 1', async () => {
    const ensemble = await started('split', 3, '--observers', '1', '--no-restart');
    const all = await untilWell([ensemble.admin], 4);
    expect(all.replicas[3]).toMatchObject({ id: 4, role: 'observer' });
    const follower = all.replicas.find(({ role }) => role === 'follower');
    process.kill(Number(follower?.stages['replicated-database']?.['pid']), 'SIGKILL');
    await eventually('it is missed', async () => {
      const { code, it } = await statusAt(ensemble.admin);
      expect(code).toBe(1);
      const replica = it.replicas.find(({ id }) => id === follower?.id);
      expect(replica).toMatchObject({ serving: false });
      expect(replica?.stages['replicated-database']).toMatchObject({ serving: false });
      expect(it.leader).toBe(all.leader);
    });
  }, 300_000);

  it.each(TOPOLOGIES)(
    'serves without one that cannot start, %s, and takes it back once its directory is gone',
    async (topology) => {
      const data = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
      onTestFinished(() => rmSync(data, { recursive: true, force: true }));
      const before = await Ensemble.start({ topology, replicas: 3, data });
      const client = await connect({ servers: before.address });
      await client.create('/kept', 'by two of three');
      await client.close();
      await before.stop();
      const damaged = join(data, 'replica-2');
      rmSync(join(damaged, 'broadcaster'), { recursive: true });

      const ensemble = await Ensemble.start({ topology, data });
      onTestFinished(() => ensemble.stop().then(() => undefined));
      expect(String(ensemble.events('died')[0]?.['description'])).toContain('is gone or empty');
      const reader = await connect({ servers: ensemble.address });
      expect(decodeText((await reader.get('/kept')).data)).toBe('by two of three');
      await reader.set('/kept', 'and written');
      const { code, it } = await statusAt(ensemble.admin);
      expect([code, it.replicas[1]?.role, it.votersInStep]).toEqual([1, 'down', 2]);

      rmSync(damaged, { recursive: true });
      await eventually('all three vote again', async () => {
        const { votersInStep } = await untilWell([ensemble.admin], 3);
        expect(votersInStep).toBe(3);
      });
      await reader.close();
    },
    300_000,
  );
});

class Machines {
  readonly admins: string[] = [];
  readonly clients: readonly string[];
  readonly #directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
  readonly #members: NonNullable<ConfigurationFile['ensemble']>;
  readonly #running = new Map<number, StageProcess>();

  private constructor(ports: readonly number[], voters: number) {
    const half = ports.length / 2;
    this.clients = ports.slice(half).map((port) => `127.0.0.1:${port}`);
    this.#members = ports.slice(0, half).map((port, index) => ({
      replica: index + 1,
      address: `127.0.0.1:${port}`,
      role: index < voters ? 'voter' : 'observer',
    }));
  }

  static async of(voters: number, observers: number): Promise<Machines> {
    const machines = new Machines(await freePorts(2 * (voters + observers)), voters);
    onTestFinished(() => machines.#stop());
    return machines;
  }

  /** With a file that lists the voters, and itself. */
  async start(number: number): Promise<void> {
    const configuration: ConfigurationFile = {
      replica: number,
      dataDirectory: this.#data(number),
      addresses: { client: this.clients[number - 1] ?? '' },
      ensemble: this.#members.filter((it) => it.role === 'voter' || it.replica === number),
    };
    const file = join(this.#directory, `replica-${number}.json`);
    const process = await StageProcess.start(undefined, configuration, file);
    this.#running.set(number, process);
    this.admins[number - 1] = process.admin;
  }

  async kill(number: number): Promise<void> {
    await this.#running.get(number)?.end('SIGKILL');
  }

  wipe(number: number): void {
    rmSync(this.#data(number), { recursive: true });
  }

  #data(number: number): string {
    return join(this.#directory, `data-${number}`);
  }

  async #stop(): Promise<void> {
    for (const process of this.#running.values()) await process.end('SIGTERM');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

describe('three configuration files', () => {
  it('make an ensemble; a wiped replica comes back, and an observer is added', async () => {
    const machines = await Machines.of(3, 1);
    await machines.start(1);
    await machines.start(2);
    await eventually('they wait for the third, by name', async () => {
      const { code, it } = await statusAt(...machines.admins);
      expect(code).toBe(1);
      expect(JSON.stringify(it)).toContain('no word from replica 3');
    });
    await machines.start(3);
    await untilWell(machines.admins, 3);
    const client = await connect({ servers: machines.clients.slice(0, 3) });
    await client.create('/kept', 'on three disks');

    await machines.kill(1);
    machines.wipe(1);
    await machines.start(1);
    await eventually('all three vote again', async () => {
      const { votersInStep, alarms } = await untilWell(machines.admins, 3);
      expect(alarms).toEqual([]);
      expect(votersInStep).toBe(3);
    });

    await machines.start(4);
    const { replicas } = await untilWell(machines.admins, 4);
    expect(replicas[3]).toMatchObject({ id: 4, role: 'observer' });
    const reader = await connect({ servers: machines.clients.slice(3) });
    const read = await reader.get('/kept', { consistency: { kind: 'linearizable' } });
    expect(decodeText(read.data)).toBe('on three disks');
    await Promise.all([client.close(), reader.close()]);
  }, 180_000);
});
