import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { PaddockError } from '@paddock/client';
import { CommandFailure, EXIT, EXIT_CODE_HELP, exitCodeOf } from '../src/exit-code.ts';
import { buildProgram } from '../src/program.ts';
import { parseConsistency } from '../src/read-flags.ts';
import type { GlobalFlags } from '../src/program.ts';
import { createMode } from '../src/write-commands.ts';

async function parse(args: readonly string[], servers?: string): Promise<GlobalFlags | null> {
  let flags: GlobalFlags | null = null;
  const program = buildProgram({ servers }, (given) => {
    flags = given;
    return Promise.resolve();
  });
  const quiet = { writeOut: () => undefined, writeErr: () => undefined };
  program.configureOutput(quiet);
  for (const command of program.commands) command.exitOverride().configureOutput(quiet);
  await program.parseAsync(args, { from: 'user' });
  return flags;
}

describe('the command line', () => {
  it('talks to the three replicas of npm start unless told otherwise', async () => {
    const server = '127.0.0.1:2191,127.0.0.1:2192,127.0.0.1:2193';
    expect(await parse(['ls'])).toEqual({
      ...{ server, timeout: 10_000, json: false, insecureToken: false },
    });
    expect(await parse(['ls'], 'a:1,b:2')).toMatchObject({ server: 'a:1,b:2' });
    expect(await parse(['--server', 'c:3', 'ls'], 'a:1')).toMatchObject({ server: 'c:3' });
  });

  it('takes the common options before or behind the command', async () => {
    expect(await parse(['get', '/a', '--json', '-s', 'c:3'])).toMatchObject({
      json: true,
      server: 'c:3',
    });
  });

  it('reads from a replica without a leader only where it is asked to', async () => {
    expect(await parse(['get', '/a'])).not.toHaveProperty('readOnly');
    expect(await parse(['get', '/a', '--read-only'])).toMatchObject({ readOnly: true });
  });

  it.each([
    [['get']],
    [['nonsense']],
    [['get', '/a', '--nonsense']],
    [['set', '/a', 'x', '--if-version', 'three']],
    [['--timeout', '-1', 'ls']],
    [['get', '/a', '--consistency', 'stale']],
    [['get', '/a', '--consistency', 'stale:5']],
    [['ls', '--consistency', 'serializable']],
    [['ls', '--at-least', '42']],
    [['ls', '--limit', '0']],
    [['ls', '--limit', 'all']],
    [['quota', '/a', '--count', '0']],
    [['quota', '/a', '--remove', '--bytes', '5']],
    [['acl', 'set', '/a']],
    [['acl', 'set', '/a', 'world:anyone']],
    [['acl', 'set', '/a', 'world:anyone:x']],
    [['create', '/a', '--acl', 'everybody']],
    [['--auth', 'secret', 'whoami']],
  ])('refuses %j', async (args) => {
    await expect(parse(args)).rejects.toBeInstanceOf(CommanderError);
  });

  it('reads how consistent a read must be', async () => {
    expect(parseConsistency('local')).toEqual({ kind: 'local' });
    expect(parseConsistency('linearizable')).toEqual({ kind: 'linearizable' });
    expect(parseConsistency('stale:500ms')).toEqual({ kind: 'boundedStaleness', ms: 500 });
    expect(parseConsistency('stale:2s')).toEqual({ kind: 'boundedStaleness', ms: 2000 });
    await parse(['get', '/a', '--consistency', 'linearizable', '--at-least', '1.42']);
    await parse(['ls', '--consistency', 'stale:1s', '/a']);
    await parse(['ls', '/a', '--limit', '10', '--after', 'b']);
    await parse(['sessions', '--paths', '--consistency', 'linearizable']);
    const program = buildProgram({ servers: undefined }, () => Promise.resolve());
    for (const name of ['get', 'ls', 'count']) {
      const help = program.commands.find((it) => it.name() === name)?.helpInformation() ?? '';
      for (const word of ['linearizable', 'stale:500ms', '--at-least']) {
        expect(help).toContain(word);
      }
    }
  });

  it('names every command and exit code in its help', () => {
    const program = buildProgram({ servers: undefined }, () => Promise.resolve());
    const reading = ['get', 'ls', 'count', 'tree', 'watch', 'status'];
    const commands = ['serve', 'create', 'set', 'rm', ...reading];
    for (const command of [...commands, 'import', 'export']) {
      expect(program.helpInformation()).toContain(`  ${command}`);
    }
    for (const code of Object.values(EXIT)) expect(EXIT_CODE_HELP).toContain(`\n  ${code}  `);
  });

  it('turns flags into a mode', () => {
    expect(createMode({})).toBe('persistent');
    expect(createMode({ ephemeral: true, sequential: true })).toBe('ephemeralSequential');
  });
});

describe('the exit code', () => {
  it.each([
    [new PaddockError('noNode', '/a', ''), EXIT.refused],
    [new PaddockError('badArguments', '/a', ''), EXIT.usage],
    [new PaddockError('connectionLoss', '/a', ''), EXIT.timeout],
    [new CommandFailure(EXIT.unreachable, ''), EXIT.unreachable],
  ])('of %o is %i', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});
