import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from '@paddock/client';
import type { Client } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resultOf, runPaddock } from '../src/command.ts';
import type { CommandResult } from '../src/command.ts';
import { Ensemble, spawnPaddock } from '../src/ensemble.ts';
import { freePorts } from '../src/free-ports.ts';

const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, timeout: 4 } as const;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const watched = z.object({
  event: z.string(),
  path: z.string(),
  exists: z.boolean(),
  version: z.number().optional(),
  data: z.string().optional(),
});

let ensemble: Ensemble;
let client: Client;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
  ensemble = await Ensemble.start({ topology: 'fused' });
  client = await connect({ servers: ensemble.address });
}, 120_000);

afterAll(async () => {
  await client.close();
  expect(await ensemble.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

/** With the service named by the environment. */
function paddock(...args: readonly string[]): Promise<CommandResult> {
  return runPaddock(args, { env: { PADDOCK_SERVERS: ensemble.address } });
}

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await paddock(...args);
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' });
  return stdout;
}

async function json(...args: readonly string[]): Promise<unknown> {
  const text = await output(...args, '--json');
  expect(text).toMatch(/^[^\n]+\n$/);
  return JSON.parse(text);
}

/** What a command that fails tells: one line. */
async function failure(...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await paddock(...args);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^paddock: [^\n]+\n$/);
  return { code, text: stderr };
}

describe('znodes by command', () => {
  it('are created, read, changed, listed and removed, for people', async () => {
    expect(await output('create', '/people', 'one')).toBe('/people\n');
    expect(await output('get', '/people')).toBe('one');
    expect(await output('set', '/people', 'two', '--if-version', '0')).toBe('version 1\n');
    expect(await output('create', '/people/a/b', 'deep', '--parents')).toBe('/people/a/b\n');
    expect(await output('create', '/people/q-', '-q')).toBe('/people/q-0000000001\n');
    expect(await output('ls', '/people')).toBe('a\nq-0000000001\n');
    expect(await output('ls', '/people', '-l')).toMatch(/0 B {6}1 children {2}v0 {2}a\n/);
    expect((await paddock('tree', '/people')).stdout).toMatch(/a\n.*b/);
    expect(await output('get', '/people', '--stat')).toMatch(/version/);
    expect((await failure('rm', '/people')).text).toContain('delete them first');
    await output('rm', '/people', '--recursive');
    expect((await client.exists('/people')).stat).toBeNull();
  });

  it('are told in JSON for programs, with data that is no text in base64', async () => {
    expect(await json('create', '/programs', 'text')).toMatchObject({
      path: '/programs',
      stat: { version: 0, dataLength: 4 },
    });
    expect(await json('get', '/programs')).toMatchObject({ path: '/programs', data: 'text' });
    await client.set('/programs', Uint8Array.from([0, 255, 1]));
    expect(await json('get', '/programs')).toMatchObject({ base64: 'AP8B', stat: { version: 1 } });
    expect(await json('set', '/programs', 'x')).toMatchObject({ stat: { version: 2 } });
    expect(await json('ls', '/')).toMatchObject({ path: '/', children: ['programs'] });
    expect(await json('tree', '/')).toMatchObject({ children: { programs: 'x' } });
    await json('rm', '/programs');
  });

  it('take their data from standard input', async () => {
    const env = { PADDOCK_SERVERS: ensemble.address };
    const created = await runPaddock(['create', '/from-input', '-'], { env, input: 'a\nb\n' });
    expect(created.code).toBe(EXIT.ok);
    expect(await output('get', '/from-input')).toBe('a\nb\n');
  });

  it('are held while ephemeral, until the command is interrupted', async () => {
    const child = spawnPaddock(['create', '/held', '-e', '--server', ensemble.address]);
    const ended = resultOf(child, 'create -e');
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect((await client.exists('/held')).stat).not.toBeNull();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: EXIT.ok, stdout: '/held\n' });
    await client.sync();
    expect((await client.exists('/held')).stat).toBeNull();
  });

  it('are watched: the state, then each change, as often as asked', async () => {
    const args = ['watch', '/watched', '--count', '3', '--json', '--server', ensemble.address];
    const child = spawnPaddock(args);
    const ended = resultOf(child, 'watch');
    if (child.stdout === null) throw new Error('no output');
    const told: z.infer<typeof watched>[] = [];
    const steps = [
      () => client.create('/watched', 'v0'),
      () => client.set('/watched', 'v1'),
      () => client.delete('/watched'),
    ];
    for await (const line of createInterface({ input: child.stdout })) {
      told.push(watched.parse(JSON.parse(line)));
      await steps[told.length - 1]?.();
    }
    expect((await ended).code).toBe(EXIT.ok);
    expect(told.map(({ event, data }) => `${event} ${data ?? '-'}`)).toEqual([
      'now -',
      'nodeCreated v0',
      'nodeDataChanged v1',
      'nodeDeleted -',
    ]);
  });
});

describe('exit codes tell scripts', () => {
  it.each([
    ['no such znode', ['get', '/none'], EXIT.refused, 'no such znode'],
    ['a znode that is there', ['create', '/'], EXIT.refused, 'nodeExists'],
    [
      'another version',
      ['set', '/', 'x', '--if-version', '99'],
      EXIT.refused,
      'is at version 0, not 99',
    ],
    ['a bad path', ['get', 'relative'], EXIT.usage, 'relative'],
    ['a bad server', ['get', '/', '--server', 'nowhere'], EXIT.usage, 'host:port'],
    ['a file that is not there', ['import', '/no/such/file'], EXIT.usage, 'cannot read'],
  ])('%s', async (_what, args, code, reason) => {
    const failed = await failure(...args);
    expect(failed.text).toContain(reason);
    expect(failed.code).toBe(code);
  });

  it.each([
    ['an unknown command', ['frobnicate'], 'unknown command'],
    ['an unknown option', ['get', '/', '--frob'], 'unknown option'],
    ['a missing argument', ['get'], 'missing required argument'],
    ['a version that is no number', ['rm', '/x', '--if-version', 'one'], 'whole number'],
  ])('%s', async (_what, args, reason) => {
    const { code, stderr } = await paddock(...args);
    expect(stderr).toContain(reason);
    expect(code).toBe(EXIT.usage);
  });

  it('nobody there', async () => {
    const [port] = await freePorts(1);
    const started = performance.now();
    const args = ['get', '/', '--server', `127.0.0.1:${port ?? 0}`, '--timeout', '1500'];
    const { code, text } = await failure(...args);
    expect(text).toContain('start one here with "npm start"');
    expect(code).toBe(EXIT.unreachable);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it('no status', async () => {
    const [port] = await freePorts(1);
    const { code, text } = await failure('status', '--admin', `127.0.0.1:${port ?? 0}`);
    expect(text).toContain('no status from');
    expect(code).toBe(EXIT.unreachable);
  });

  it('the first of several servers that answers is used', async () => {
    const [port] = await freePorts(1);
    const servers = `127.0.0.1:${port ?? 0},${ensemble.address}`;
    for (let time = 0; time < 3; time++) {
      expect((await paddock('ls', '/', '--server', servers)).code).toBe(EXIT.ok);
    }
  });

  it('a flag wins over PADDOCK_SERVERS', async () => {
    const env = { PADDOCK_SERVERS: 'nonsense' };
    const args = ['ls', '/', '--server', ensemble.address];
    expect((await runPaddock(args, { env })).code).toBe(EXIT.ok);
    expect((await runPaddock(['ls', '/'], { env })).code).toBe(EXIT.usage);
  });
});

describe('status', () => {
  it('shows each stage, and in JSON all that there is', async () => {
    const text = await output('status', '--admin', ensemble.admin);
    expect(text).toMatch(
      /^ensemble [0-9a-f-]+: replica 1 leads epoch \d+\nvoters 1: 1 of 1 in step/,
    );
    expect(text).toMatch(/REPLICA +STAGE +ROLE/);
    expect(text).toMatch(/1 +leader .*serving/);
    expect(text).toMatch(/zab-broadcaster +leader +\d+ +\d+\.\d+ +0 .*serving\n/);
    expect(await json('status', '--admin', ensemble.admin)).toMatchObject({
      leader: 1,
      alarms: [],
      replicas: [{ id: 1, role: 'leader', lag: 0, serving: true, waitingFor: [] }],
    });
  });
});

describe('import and export', () => {
  const tree = {
    data: 'root of it',
    children: {
      'empty folder': { children: { leaf: '' } },
      file: 'text with ü and \n a line',
      binary: { base64: Buffer.from([0, 1, 2, 255]).toString('base64') },
      nested: { data: 'both', children: { a: { children: { b: { children: { c: 'deep' } } } } } },
    },
  };

  it('carry a tree from a JSON file and back', async () => {
    const file = join(folder, 'tree.json');
    writeFileSync(file, JSON.stringify(tree));
    expect(await output('import', file, '--at', '/json')).toMatch(/^9 created, 0 updated/);
    expect(await output('get', '/json/nested/a/b/c')).toBe('deep');
    const exported = join(folder, 'exported.json');
    await output('export', '/json', '--to', exported);
    await output('import', exported, '--at', '/json-again');
    const [one, two] = [await output('export', '/json'), await output('export', '/json-again')];
    expect(two).toBe(one);
    expect(JSON.parse(one)).toEqual(JSON.parse(readFileSync(exported, 'utf8')));
    expect(await output('import', file, '--at', '/json')).toMatch(/^0 created, 9 updated/);
  });

  it('carry a tree from a folder and back', async () => {
    const source = join(folder, 'source');
    mkdirSync(join(source, 'sub', 'empty'), { recursive: true });
    writeFileSync(join(source, '.data'), 'of the root');
    writeFileSync(join(source, 'binary'), Uint8Array.from([0, 200, 10]));
    writeFileSync(join(source, 'sub', 'text'), 'text\n');
    await output('import', source, '--at', '/folder');
    const target = join(folder, 'target');
    await output('export', '/folder', '--to', target);
    const again = join(folder, 'again');
    cpSync(target, again, { recursive: true });
    await output('import', again, '--at', '/folder-again');
    expect(await output('export', '/folder-again')).toBe(await output('export', '/folder'));
    expect(readdirSync(target, { recursive: true }).sort()).toEqual(
      expect.arrayContaining(['.data', 'binary', 'sub', 'sub/text']),
    );
    expect(readFileSync(join(target, 'binary'))).toEqual(Buffer.from([0, 200, 10]));
  });

  it('leave everything as it was where the file is bad', async () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, '{"children":{"fine":"","bad/name":"x"}}');
    const before = await output('export', '/');
    expect((await failure('import', file)).code).toBe(EXIT.usage);
    expect(await output('export', '/')).toBe(before);
  });

  it('do not export ephemerals, and say so', async () => {
    await client.create('/session');
    await client.create('/session/of-mine', '', { mode: 'ephemeral' });
    const file = join(folder, 'session.json');
    expect(await output('export', '/session', '--to', file)).toContain('1 ephemeral left out');
    expect(JSON.parse(readFileSync(file, 'utf8'))).not.toHaveProperty('children');
  });

  it('carry ten thousand znodes', async () => {
    const children = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`child-${n}`, `data of ${n}`]),
    );
    const file = join(folder, 'many.json');
    writeFileSync(file, JSON.stringify({ children }));
    expect(await json('import', file, '--at', '/many')).toMatchObject({ created: 10_001 });
    expect((await client.get('/many')).stat.numChildren).toBe(10_000);
    expect(JSON.parse(await output('export', '/many'))).toEqual({ children });
  }, 120_000);
});

describe('the demo', () => {
  it('plays to its end: the leading replica is killed, and no worker notices more than a pause', async () => {
    const child = spawn(process.execPath, [
      '--conditions=@paddock/source',
      join(ROOT, 'tools/demo/src/main.ts'),
    ]);
    const { code, stdout, stderr } = await resultOf(child, 'the demo');
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /replica \d of 3, which leads \(pid \d+\), is killed while all count: kill -9/,
    );
    expect(stdout).toContain('no worker failed, no session was lost');
    expect(stdout).toMatch(/\d+ ms was the longest between two increments/);
    expect(code).toBe(0);
  }, 120_000);
});
