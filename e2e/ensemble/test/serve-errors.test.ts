import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPaddock } from '../src/command.ts';
import type { CommandResult } from '../src/command.ts';
import { listing, LIVING_LOG } from '../src/directory-listing.ts';
import { Ensemble } from '../src/ensemble.ts';

const ANY_PORTS = ['--grpc-port', '0', '--admin-port', '0'];
const WRITES = 200;

let folder = '';
/** What an ensemble of one has left behind; each test spoils a copy of its own. */
let stored = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
  stored = join(folder, 'stored');
  const ensemble = await Ensemble.start({ topology: 'fused', data: stored });
  const client = await connect({ servers: ensemble.address });
  // One by one, so that the log has many batches, each after the first with acknowledged entries behind it.
  for (let n = 0; n < WRITES; n++) await client.create(`/znode-${n}`, 'data');
  await client.close();
  await ensemble.stop();
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let copies = 0;

function copy(): string {
  const path = join(folder, `copy-${++copies}`);
  cpSync(stored, path, { recursive: true });
  return path;
}

function expectOneLine({ code, stdout, stderr }: CommandResult, ...parts: readonly string[]): void {
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^paddock: [^\n]+\n$/);
  for (const part of parts) expect(stderr).toContain(part);
  expect(code).toBeGreaterThan(0);
}

/** `paddock serve` on what is there ends at once with one line, and leaves it as it was. */
async function expectRefusal(
  data: string,
  args: readonly string[],
  ...parts: readonly string[]
): Promise<void> {
  const before = listing(folder);
  expectOneLine(await runPaddock(['serve', '--data', data, ...ANY_PORTS, ...args]), ...parts);
  expect(listing(folder)).toEqual(before);
}

async function takenPort(): Promise<{ readonly holder: Server; readonly port: string }> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const bound = holder.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  return { holder, port: String(port) };
}

describe.each([[[]], [['--split']]])(
  'paddock serve %j refuses in one line, and touches nothing,',
  (topology) => {
    it.each([['--grpc-port'], ['--admin-port']])('a %s in use', async (option) => {
      const { holder, port } = await takenPort();
      const advice = [`127.0.0.1:${port} is in use`, `choose another with ${option}`];
      await expectRefusal(join(folder, 'new'), [...topology, option, port], ...advice);
      await expectRefusal(copy(), [...topology, option, port], ...advice);
      holder.close();
    });

    it('directories of two replicas mixed together', async () => {
      const data = copy();
      const file = join(data, 'replica-1', 'database', 'identity.json');
      edit(file, /"incarnation":\d+/, '"incarnation":4');
      await expectRefusal(data, topology, 'do not belong together', 'restore both');
    });

    it('a log that is damaged before acknowledged entries', async () => {
      const data = copy();
      spoilLog(join(data, 'replica-1', 'broadcaster'));
      await expectRefusal(data, topology, 'is damaged at byte', 'Restore the segment, or replace');
    });
  },
);

function edit(file: string, what: RegExp, by: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(what, by));
}

/** Flips one byte in the first half of what the log holds. */
function spoilLog(directory: string): void {
  const name = readdirSync(directory).find((it) => it.startsWith('log.')) ?? '';
  const path = join(directory, name);
  const bytes = readFileSync(path);
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const place = Math.floor(used / 3);
  bytes[place] = 255 - (bytes[place] ?? 0);
  writeFileSync(path, bytes);
}

describe('paddock serve refuses in one line, and touches nothing,', () => {
  it('a directory that another ensemble serves from', async () => {
    const data = copy();
    const ensemble = await Ensemble.start({ topology: 'split', data });
    try {
      const before = listing(data, LIVING_LOG);
      const second = await runPaddock(['serve', '--data', data, ...ANY_PORTS]);
      expectOneLine(second, `in use by process ${ensemble.pid}`, 'stop that one');
      const configuration = join(data, 'replica-1', 'replica.json');
      for (const [index, stage] of ['zab-broadcaster', 'replicated-database'].entries()) {
        const file = join(folder, `second-${stage}.json`);
        writeFileSync(file, withoutPorts(configuration));
        const args = ['serve', '--config', file, '--stage', stage, '--admin', '127.0.0.1:0'];
        const pid = ensemble.pids[index] ?? 0;
        expectOneLine(await runPaddock(args), `in use by process ${pid}`, 'stop that one');
      }
      expect(listing(data, LIVING_LOG)).toEqual(before);
    } finally {
      expect(await ensemble.stop()).toBe(0);
    }
  });

  it('the data of another replica', async () => {
    const data = copy();
    edit(join(data, 'replica-1', 'identity.json'), /"replica":1/, '"replica":7');
    await expectRefusal(data, [], 'holds replica 7, not 1', 'serve from another --data');
  });

  it('a log that is gone', async () => {
    const data = copy();
    rmSync(join(data, 'replica-1', 'broadcaster'), { recursive: true });
    await expectRefusal(data, [], 'broadcaster is gone or empty', 'restore it, or remove');
  });

  it('a log of a newer format', async () => {
    const data = copy();
    edit(join(data, 'replica-1', 'broadcaster', 'identity.json'), /"format":1/, '"format":99');
    await expectRefusal(data, [], 'written by a newer Paddock (format 99', 'use that version');
  });

  it('an ensemble of a newer format', async () => {
    const data = copy();
    writeFileSync(join(data, 'ensemble.json'), '{"format":99,"replicas":1}');
    await expectRefusal(data, [], 'written by a newer Paddock (format 99', 'use that version');
  });

  it.each([
    ['no JSON', '{"form', 'cannot be read'],
    ['something else', '{"ensemble":"of singers"}', 'does not describe a Paddock ensemble'],
  ])('an ensemble.json that is %s', async (_what, content, reason) => {
    const data = copy();
    writeFileSync(join(data, 'ensemble.json'), content);
    await expectRefusal(data, [], reason, 'serve from another --data');
  });

  it('a file where the directory should be', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await expectRefusal(file, [], `${file} is no directory`, 'serve from another --data');
    await expectRefusal(join(file, 'below'), [], `${file} is no directory`);
  });

  it('a directory that cannot be written, even by the superuser', async () => {
    await expectRefusal('/proc/paddock', [], 'cannot write to /proc', 'serve from another --data');
    expect(existsSync('/proc/paddock')).toBe(false);
  });

  it.each([
    [['--no-such-option'], 'no-such-option', '"paddock serve --help" lists the options'],
    [['--replicas', '0'], '--replicas takes a whole number', 'not "0"'],
    [['--observers', 'many'], '--observers takes a whole number', 'not "many"'],
    [['--stage', 'session-frontend'], '--stage and --admin go with --config FILE', ''],
  ])('%j', async (args, what, advice) => {
    await expectRefusal(join(folder, 'new'), args, what, advice);
  });
});

function withoutPorts(file: string): string {
  return readFileSync(file, 'utf8').replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:0');
}

describe('paddock serve --config refuses in one line, and touches nothing,', () => {
  async function expectConfigurationRefused(
    content: string,
    args: readonly string[],
    ...parts: readonly string[]
  ): Promise<void> {
    const file = join(folder, 'configuration.json');
    writeFileSync(file, content);
    const before = listing(folder);
    expectOneLine(await runPaddock(['serve', '--config', file, ...args]), ...parts);
    expect(listing(folder)).toEqual(before);
  }

  it.each([
    ['{"replicas":1}', 'replicas', ''],
    ['{"timing":{"tick":5}}', '"timing.tick"', 'tickMs'],
    ['{"addresses":{"client":"0.0.0.0:0"}}', '"addresses.client"', '"insecure": true'],
    ['{"limits":{"windowCount":1}}', '"limits.windowCount"', 'limits.outstandingPerSession'],
    ['not JSON', 'is not JSON', ''],
  ])('%s, naming the key', async (content, key, advice) => {
    await expectConfigurationRefused(content, [], key, advice);
  });

  it('a stage that there is not', async () => {
    const stages = 'zab-broadcaster, replicated-database, request-processor, session-frontend';
    const args = ['--stage', 'front'];
    await expectConfigurationRefused('{}', args, 'no stage "front"', `the stages are ${stages}`);
  });

  it('a file that is not there', async () => {
    const result = await runPaddock(['serve', '--config', join(folder, 'nowhere.json')]);
    expectOneLine(result, 'cannot read the configuration', 'nowhere.json');
  });

  it.each([
    ['zab-broadcaster', 'zabBroadcaster'],
    ['zab-broadcaster', 'zabBroadcasterAdmin'],
    [undefined, 'client'],
    [undefined, 'admin'],
  ])('an address in use (%s, %s)', async (stage, endpoint) => {
    const { holder, port } = await takenPort();
    const addresses = {
      client: '127.0.0.1:0',
      admin: '127.0.0.1:0',
      zabBroadcaster: '127.0.0.1:0',
      zabBroadcasterAdmin: '127.0.0.1:0',
      [endpoint]: `127.0.0.1:${port}`,
    };
    const content = JSON.stringify({ dataDirectory: 'data-of-config', addresses });
    const args = stage === undefined ? [] : ['--stage', stage];
    const advice = `choose another with "addresses.${endpoint}"`;
    await expectConfigurationRefused(content, args, `127.0.0.1:${port}`, 'in use', advice);
    holder.close();
  });
});

describe('paddock serve', () => {
  it('goes on with the stored number of replicas, and says so', async () => {
    const ensemble = await Ensemble.start({
      topology: 'fused',
      data: copy(),
      args: ['--replicas', '3'],
    });
    expect(ensemble.events('notice').map((event) => event['text'])).toEqual([
      `${ensemble.data} holds an ensemble of 1, so --replicas 3 is not followed`,
    ]);
    expect(ensemble.serving.replicas).toHaveLength(1);
    await ensemble.stop();
  });

  it('takes an empty directory that is there already', async () => {
    const data = join(folder, 'empty');
    mkdirSync(data);
    const ensemble = await Ensemble.start({ topology: 'fused', data });
    expect(await ensemble.stop()).toBe(0);
  });

  it('explains its options', async () => {
    const { code, stdout, stderr } = await runPaddock(['serve', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const option of ['data DIR', 'replicas N', 'split', 'grpc-port N', 'admin-port N']) {
      expect(stdout).toContain(`--${option}`);
    }
    for (const option of ['no-restart', 'config FILE', 'stage NAME']) {
      expect(stdout).toContain(`--${option}`);
    }
  });
});
