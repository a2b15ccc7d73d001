// The examples of other languages, where the machine has what they need; .ci/run installs it.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lock } from '@paddock/recipes';
import { startEnsemble } from '@paddock/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { codeBlocks } from '../src/documented-code.ts';
import { endOf, root, startAsNewcomer } from '../src/newcomer.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
const DEBIAN_GO = '/usr/share/gocode';
const examples = join(root, 'docs/examples');
const contracts = readdirSync(join(root, 'protos/paddock/client/v1')).map(
  (it) => `paddock/client/v1/${it}`,
);

const TURNS = [
  'the first holds the lock',
  'the second holds the lock',
  'the first is refused: ERROR_CODE_GUARD_FAILED',
  'last: second',
  '',
].join('\n');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paddock-languages-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function works(command: string): boolean {
  return spawnSync('sh', ['-c', command], { stdio: 'ignore' }).status === 0;
}

function generate(...options: readonly string[]): void {
  execFileSync('protoc', ['-I', join(root, 'protos'), ...options, ...contracts]);
}

/** The first that has the packages; undefined: none has. */
function python(): string | undefined {
  if (!works('command -v protoc && command -v grpc_python_plugin')) return undefined;
  const found = ['python3', '/usr/bin/python3'];
  return found.find((it) => works(`${it} -c 'import grpc, google.protobuf'`));
}

function pythonProgram(interpreter: string, script: string): string {
  const stubs = join(folder, 'python');
  if (!existsSync(stubs)) {
    mkdirSync(stubs);
    const plugin = execFileSync('sh', ['-c', 'command -v grpc_python_plugin'], {
      encoding: 'utf8',
    });
    generate(
      `--python_out=${stubs}`,
      `--grpc_python_out=${stubs}`,
      `--plugin=protoc-gen-grpc_python=${plugin.trim()}`,
    );
  }
  return `PYTHONPATH=${stubs} PYTHONDONTWRITEBYTECODE=1 ${interpreter} ${join(examples, 'python', script)}`;
}

function goProgram(): string {
  const sources = join(folder, 'go/src');
  const program = join(sources, 'lock');
  mkdirSync(sources, { recursive: true });
  cpSync(join(examples, 'go'), program, { recursive: true });
  generate(
    `--go_out=${sources}`,
    ...contracts.map((it) => `--go_opt=M${it}=example.org/paddock/clientv1`),
  );
  const environment = { GO111MODULE: 'off', GOPATH: `${join(folder, 'go')}:${DEBIAN_GO}` };
  execFileSync('go', ['build', '-o', join(folder, 'turns'), '.'], {
    cwd: program,
    env: { ...process.env, ...environment },
  });
  return join(folder, 'turns');
}

/**
 * What the program says, while somebody else stands before it in the same line: it gets the lock when that one gives it
 * up, and not before.
 */
async function behindAnother(program: string): Promise<string> {
  await using ensemble = await startEnsemble({ replicas: 3, ports: true });
  const client = await ensemble.connect();
  const mutex = lock(client, '/jobs/nightly');
  const held = await mutex.acquire();
  const child = startAsNewcomer(`${program} ${ensemble.servers.split(',')[1]}`);
  const ended = endOf(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  }
  await vi.waitUntil(async () => (await mutex.contenders()).length === 2, PATIENCE);
  expect(said).toBe('');
  await held.release();
  expect(await ended, said).toBe(0);
  return said;
}

test('a program in Python takes its turn in a line of JavaScript, is told, and is fenced', async (context) => {
  const interpreter = python();
  if (interpreter === undefined) return context.skip('protoc, or gRPC for Python, is not here');
  expect(await behindAnother(pythonProgram(interpreter, 'lock.py'))).toBe(TURNS);
}, 180_000);

test('a program in Python reads, writes and watches without a session', async (context) => {
  const interpreter = python();
  if (interpreter === undefined) return context.skip('protoc, or gRPC for Python, is not here');
  const [printed] = codeBlocks('docs/examples/python/README.md').filter(
    (it) => it.language === 'text',
  );
  await using ensemble = await startEnsemble({ ports: true });
  const child = startAsNewcomer(
    `${pythonProgram(interpreter, 'first_steps.py')} ${ensemble.servers}`,
  );
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await endOf(child)).toBe(0);
  expect(said.replace(/counter \d+/, 'counter 48')).toBe(printed?.text);
}, 180_000);

test('a program in Go takes its turn in a line of JavaScript, is told, and is fenced', async (context) => {
  const isThere = works('command -v go && command -v protoc-gen-go && command -v protoc');
  if (!isThere || !existsSync(join(DEBIAN_GO, 'src/google.golang.org/grpc'))) {
    return context.skip('Go, protoc, or gRPC for Go as Debian has it, is not here');
  }
  expect(await behindAnother(goProgram())).toBe(TURNS);
}, 600_000);
