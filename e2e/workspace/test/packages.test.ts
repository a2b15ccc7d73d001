import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeBlocks } from '../src/documented-code.ts';
import { EmptyProject } from '../src/empty-project.ts';
import { serveRegistry } from '../src/local-registry.ts';
import type { LocalRegistry } from '../src/local-registry.ts';
import { runAsNewcomer } from '../src/newcomer.ts';

let archives: string;
let registry: LocalRegistry;

beforeAll(async () => {
  archives = mkdtempSync(join(tmpdir(), 'paddock-archives-'));
  const { exitCode, output } = await runAsNewcomer(`npx nx run generate:packages -- ${archives}`);
  expect(exitCode, output).toBe(0);
  registry = await serveRegistry(archives, ['typescript', '@types/node']);
}, 300_000);

afterAll(() => {
  registry.close();
  rmSync(archives, { recursive: true });
});

async function typed(project: EmptyProject, line: string): Promise<string> {
  const { exitCode, output } = await project.type(line);
  expect(exitCode, `${line}\n${output}`).toBe(0);
  return output;
}

test('the client is installed without a server, and with few packages of others', async () => {
  using project = new EmptyProject(registry.url);
  await typed(project, 'npm install @paddock/client @paddock/recipes');
  const installed = (await typed(project, 'ls node_modules/@paddock')).split('\n').slice(0, -1);
  const ours = ['client', 'client-core', 'contracts', 'link-grpc', 'model', 'ports', 'recipes'];
  expect(installed).toEqual(ours);
}, 300_000);

test('what is packed is used from JavaScript, by a program outside of the workspace', async () => {
  using project = new EmptyProject(registry.url);
  await typed(project, 'npm install @paddock/client @paddock/recipes @paddock/testing');
  project.write('use.mjs', JAVASCRIPT);
  expect(await typed(project, 'node use.mjs')).toBe('held hello\n');
}, 300_000);

test('what is packed has its types, for a strict project', async () => {
  using project = new EmptyProject(registry.url);
  await typed(project, 'npm install @paddock/client @paddock/recipes @paddock/testing');
  await typed(project, 'npm install typescript @types/node');
  project.write('src/use.mts', TYPESCRIPT);
  project.write('src/wrong.mts', WRONG);
  const flags = '--strict --module nodenext --target es2022 --lib es2023,esnext.disposable';
  // Node 22 has no `await using`: it is compiled into what every Node has.
  await typed(project, `npx tsc ${flags} --outDir out src/use.mts`);
  expect(await typed(project, 'node out/use.mjs')).toBe('held hello\n');
  const wrong = await project.type(`npx tsc ${flags} --noEmit src/wrong.mts`);
  expect(wrong.output.match(/error TS\d+/g)).toEqual(['error TS2345', 'error TS2322']);
}, 400_000);

test('the first screen of the README works, typed into an empty folder', async () => {
  const [program, commands, output] = codeBlocks('README.md').filter(
    ({ language }) => language !== '',
  );
  using project = new EmptyProject(registry.url);
  project.write('first.mjs', program?.text ?? '');
  let said = '';
  for (const line of commands?.text.trim().split('\n') ?? []) said = await typed(project, line);
  expect(said).toBe(output?.text);
}, 300_000);

const JAVASCRIPT = `
import { decodeText } from '@paddock/client';
import { lock } from '@paddock/recipes';
import { startEnsemble } from '@paddock/testing';

const cluster = await startEnsemble({ replicas: 3 });
try {
  const client = await cluster.connect();
  await client.create('/greeting', 'hello');
  await lock(client, '/lock').run(async (held) => {
    const { data } = await client.get('/greeting');
    console.log(held.isHeld ? 'held' : 'lost', decodeText(data));
  });
  await client.close();
} finally {
  await cluster.stop();
}
`;

const TYPESCRIPT = `
import { decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { lock } from '@paddock/recipes';
import type { Held } from '@paddock/recipes';
import { startEnsemble } from '@paddock/testing';

await using cluster = await startEnsemble({ replicas: 3 });
const client: Client = await cluster.connect();
await client.create('/greeting', 'hello');
await lock(client, '/lock').run(async (held: Held): Promise<void> => {
  const { data, stat } = await client.get('/greeting');
  const version: number = stat.version;
  if (version === 0) console.log(held.isHeld ? 'held' : 'lost', decodeText(data));
});
await client.close();
`;

const WRONG = `
import type { Client } from '@paddock/client';

export async function wrong(client: Client): Promise<number> {
  await client.get(7);
  const { data } = await client.get('/greeting');
  return data;
}
`;
