import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, decodeText, WatchStream } from '@paddock/client';
import type { ConfigurationFile, StageName } from '@paddock/node-runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { eventually } from '../src/eventually.ts';
import { freePorts } from '../src/free-ports.ts';
import { processesWith } from '../src/processes.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PATIENCE_MS = 180_000;

/** Each stage before those that it dials. */
const WRONG_ORDER: readonly StageName[] = [
  'session-frontend',
  'request-processor',
  'replicated-database',
  'zab-broadcaster',
];

const healthSchema = z.object({ serving: z.boolean(), waitingFor: z.array(z.string()) });

let folder = '';
let file = '';
let admins: Readonly<Partial<Record<StageName, string>>> = {};
let client = '';
const children: ChildProcess[] = [];
let output = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
  const ports = (await freePorts(8)).map((port) => `127.0.0.1:${port}`);
  const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = ports;
  client = a;
  admins = {
    'session-frontend': e,
    'request-processor': f,
    'zab-broadcaster': g,
    'replicated-database': h,
  };
  const configuration: ConfigurationFile = {
    dataDirectory: join(folder, 'data'),
    addresses: {
      client: a,
      requestProcessor: b,
      zabBroadcaster: c,
      replicatedDatabase: d,
      sessionFrontendAdmin: e,
      requestProcessorAdmin: f,
      zabBroadcasterAdmin: g,
      replicatedDatabaseAdmin: h,
    },
  };
  file = join(folder, 'stages.json');
  writeFileSync(file, JSON.stringify(configuration));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const pid of processesWith(file)) process.kill(pid, 'SIGKILL');
  await eventually('no process is left', () => {
    expect(processesWith(file)).toEqual([]);
  });
  rmSync(folder, { recursive: true, force: true });
});

function nxServe(stage: StageName): void {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NX_|NODE_|VITEST)/.test(name)),
  );
  const args = ['serve', stage, `--config=${file}`];
  const child = spawn(join(ROOT, 'node_modules/.bin/nx'), args, { cwd: ROOT, env });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  children.push(child);
}

async function waitingFor(stage: StageName): Promise<readonly string[]> {
  const response = await fetch(`http://${admins[stage] ?? ''}/health`);
  const health = healthSchema.parse(await response.json());
  expect(response.status).toBe(health.serving ? 200 : 503);
  return health.waitingFor;
}

it('serves by four `nx serve`, started in a wrong order, each naming whom it waits for', async () => {
  nxServe('session-frontend');
  await eventually(
    'the front-end alone names what is missing',
    async () => {
      const missing = (await waitingFor('session-frontend')).join();
      expect(missing).toContain('replicated-database at');
      expect(missing).toContain('request processor');
    },
    PATIENCE_MS,
  ).catch((error: unknown) => {
    throw new Error(output, { cause: error });
  });
  for (const stage of WRONG_ORDER.slice(1, 3)) nxServe(stage);
  await eventually(
    'all but the broadcaster wait for it',
    async () => {
      expect((await waitingFor('replicated-database')).join()).toContain('zab-broadcaster at');
      expect((await waitingFor('request-processor')).join()).toContain('zab-broadcaster at');
      expect((await waitingFor('session-frontend')).join()).toContain('request processor');
    },
    PATIENCE_MS,
  );
  nxServe('zab-broadcaster');
  await eventually(
    'every stage serves',
    async () => {
      for (const stage of WRONG_ORDER) expect(await waitingFor(stage)).toEqual([]);
    },
    PATIENCE_MS,
  );

  const writer = await connect({ servers: client });
  const reader = await connect({ servers: client });
  await writer.create('/by-nx', 'created');
  await reader.sync();
  const watch = new WatchStream();
  expect(decodeText((await reader.get('/by-nx', { watch })).data)).toBe('created');
  await writer.set('/by-nx', 'changed');
  expect((await watch.next()).value).toMatchObject({ kind: 'nodeDataChanged', path: '/by-nx' });
  expect(decodeText((await reader.get('/by-nx')).data)).toBe('changed');
  await writer.close();
  await reader.close();

  for (const child of children) child.kill('SIGINT');
  await eventually('Ctrl-C has stopped them all', () => {
    expect(processesWith(file)).toEqual([]);
  });
}, 600_000);
