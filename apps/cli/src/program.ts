import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_SERVERS } from '@paddock/client';
import type { Credential } from '@paddock/client';
import { DEFAULT_ADMINS } from './admin-address.ts';
import type { CommandContext } from './command-context.ts';
import type { CliEnvironment } from './environment.ts';
import { EXIT_CODE_HELP } from './exit-code.ts';
import { backup } from './backup-command.ts';
import { log } from './log-command.ts';
import type { LogFlags } from './log-command.ts';
import { aclOf, addAccess, credentialOf } from './access-program.ts';
import { addMembers } from './members-program.ts';
import { quota } from './quota-command.ts';
import type { QuotaFlags } from './quota-command.ts';
import { count, get, list, tree } from './read-commands.ts';
import { withReadFlags } from './read-flags.ts';
import type { ReadFlags } from './read-flags.ts';
import type { GetFlags, ListFlags, TreeFlags } from './read-commands.ts';
import { sessions } from './sessions-command.ts';
import type { SessionsFlags } from './sessions-command.ts';
import { status } from './status-command.ts';
import type { StatusFlags } from './status-command.ts';
import { exportTo, importFrom } from './transfer-commands.ts';
import type { ExportFlags, ImportFlags } from './transfer-commands.ts';
import { watch } from './watch-command.ts';
import type { WatchFlags } from './watch-command.ts';
import { create, remove, set } from './write-commands.ts';
import type { CreateFlags, RemoveFlags, VersionFlag } from './write-commands.ts';

export interface GlobalFlags {
  readonly server: string;
  readonly timeout: number;
  readonly json: boolean;
  readonly readOnly?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly auth?: readonly Credential[];
  readonly token?: string;
  readonly insecureToken: boolean;
}

/** Told of each command with what it is to do; `flags` are the global ones. */
export type RunCommand = (
  flags: GlobalFlags,
  action: (context: CommandContext) => Promise<void>,
) => Promise<void>;

const DEFAULT_TIMEOUT_MS = 10_000;

/** The command line: its names, options and help. What a command does is elsewhere. */
export function buildProgram(environment: CliEnvironment, run: RunCommand): Command {
  const program = new Command('paddock')
    .description('Talks to a Paddock coordination service.')
    .option(
      '-s, --server <host:port,…>',
      'front-ends to talk to; also PADDOCK_SERVERS',
      environment.servers ?? DEFAULT_SERVERS,
    )
    .option('--timeout <ms>', 'for the whole command; 0: none', wholeNumber, DEFAULT_TIMEOUT_MS)
    .option('--json', 'print one JSON value a line', false)
    .option('--read-only', 'read from a replica that has lost the leader, where no other is there')
    .option(
      '--ca <file>',
      'talk over TLS to servers with a certificate of this authority; also PADDOCK_CA',
      environment.tls?.ca,
    )
    .option('--cert <file>', 'certificate to show them; also PADDOCK_CERT', environment.tls?.cert)
    .option('--key <file>', 'its private key; also PADDOCK_KEY', environment.tls?.key)
    .option(
      '--auth <scheme:credential>',
      'prove who one is, as digest:user:password; also PADDOCK_AUTH',
      credentialOf,
    )
    .option(
      '--token <jwt>',
      'prove it by a bearer token; better by PADDOCK_TOKEN, which nobody sees',
    )
    .option('--insecure-token', 'send it unencrypted to other machines, too', false)
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(paddock --help lists the commands)')
    .addHelpText('after', EXIT_CODE_HELP)
    .exitOverride();
  // Listed for the help alone: its options are parsed by the command itself.
  program.command('serve').description('run an ensemble on this machine; see paddock serve --help');
  program.command('restore').description('found a new replica with a backup; see restore --help');
  const act = (action: (context: CommandContext) => Promise<void>): Promise<void> =>
    run(program.opts<GlobalFlags>(), action);
  addReading(program, act);
  addWriting(program, act);
  addTransfer(program, act, environment);
  addAccess(program, act, wholeNumber);
  addMembers(program, act);
  program
    .command('status')
    .description('role, epoch, zxid, lag and health of every replica and stage')
    .option(
      '--admin <host:port,…>',
      `admin ports to ask (default: ${DEFAULT_ADMINS.join(',')}, those that answer)`,
    )
    .addHelpText('after', STATUS_HELP)
    .action((flags: StatusFlags) => act((context) => status(context, flags)));
  return program;
}

type Act = (action: (context: CommandContext) => Promise<void>) => Promise<void>;

function addReading(program: Command, act: Act): void {
  withReadFlags(program.command('get <path>').description("print a znode's data"))
    .option('--stat', 'print its metadata instead')
    .action((path: string, flags: GetFlags) => act((context) => get(context, path, flags)));
  withReadFlags(program.command('ls [path]').description('list the children'))
    .option('-l, --long', 'with size, children and version')
    .option('--limit <n>', 'so many names at most, in ascending order', atLeastOne)
    .option('--after <name>', 'only names behind this one')
    .action((path: string | undefined, flags: ListFlags) =>
      act((context) => list(context, path ?? '/', flags)),
    );
  withReadFlags(
    program.command('count <path>').description('count the znodes below, and the bytes of data'),
  ).action((path: string, flags: ReadFlags) => act((context) => count(context, path, flags)));
  withReadFlags(
    program
      .command('sessions')
      .description('list the sessions of the ensemble, and what they own')
      .option('--paths', 'with the paths of their ephemeral znodes'),
  ).action((flags: SessionsFlags) => act((context) => sessions(context, flags)));
  withReadFlags(
    program
      .command('quota [path]')
      .description('list the quotas of a znode and below; with limits set its own'),
  )
    .option('--count <n>', 'at most so many znodes, it included', atLeastOne)
    .option('--soft-count <n>', 'more are logged', atLeastOne)
    .option('--bytes <n>', 'at most so many bytes of data', atLeastOne)
    .option('--soft-bytes <n>', 'more are logged', atLeastOne)
    .addOption(
      new Option('--remove', 'it has none any more').conflicts([
        ...['count', 'softCount', 'bytes', 'softBytes'],
      ]),
    )
    .action((path: string | undefined, flags: QuotaFlags) =>
      act((context) => quota(context, path ?? '/', flags)),
    );
  program
    .command('tree [path]')
    .description('print a znode and all below it')
    .option('--depth <n>', 'levels below the path', wholeNumber)
    .action((path: string | undefined, flags: TreeFlags) =>
      act((context) => tree(context, path ?? '/', flags)),
    );
  program
    .command('log <path>')
    .description('who changed a znode, when, and from which session, the newest first')
    .option('-r, --recursive', 'and all below it')
    .option('--since <zxid>', 'only changes behind this one, such as 4.17')
    .option('--before <zxid>', 'only changes before this one')
    .option('--limit <n>', 'so many at most (default: 100)', atLeastOne)
    .option('--oldest-first', 'in the order in which they were made')
    .action((path: string, flags: LogFlags) => act((context) => log(context, path, flags)));
  program
    .command('watch <path>')
    .description('print a znode, and again each time it changes, until Ctrl-C')
    .option('--children', 'watch the list of children instead')
    .addOption(
      new Option('-r, --recursive', 'print each change of it and of all below').conflicts(
        'children',
      ),
    )
    .option('--count <n>', 'end after so many changes', wholeNumber)
    .action((path: string, flags: WatchFlags) => act((context) => watch(context, path, flags)));
}

function addWriting(program: Command, act: Act): void {
  program
    .command('create <path> [data]')
    .description('create a znode; data "-" is read from standard input')
    .option('-e, --ephemeral', 'hold it until Ctrl-C')
    .option('-q, --sequential', 'append a number that only grows')
    .addOption(
      new Option('-c, --container', 'it goes with its last child').conflicts([
        'ephemeral',
        'sequential',
        'ttl',
      ]),
    )
    .addOption(
      new Option(
        '--ttl <time>',
        'it goes when unchanged and childless for so long: 30s, 5m, 2h, 1d',
      )
        .argParser(milliseconds)
        .conflicts('ephemeral'),
    )
    .option('-p, --parents', 'create what is missing above it')
    .option('--acl <acl>', 'who may do what with it: see paddock acl --help', aclOf)
    .action((path: string, data: string | undefined, flags: CreateFlags) =>
      act((context) => create(context, path, dataOf(data ?? ''), flags)),
    );
  program
    .command('set <path> <data>')
    .description('replace the data; "-" reads it from standard input')
    .option('--if-version <n>', 'only if the znode has this version', wholeNumber)
    .action((path: string, data: string, flags: VersionFlag) =>
      act((context) => set(context, path, dataOf(data), flags)),
    );
  program
    .command('rm <path>')
    .description('delete a znode')
    .option('-r, --recursive', 'with all below it')
    .option('--if-version <n>', 'only if the znode has this version', wholeNumber)
    .action((path: string, flags: RemoveFlags) => act((context) => remove(context, path, flags)));
}

function addTransfer(program: Command, act: Act, environment: CliEnvironment): void {
  program
    .command('backup <file>')
    .description('write all znodes and sessions, as they are at one zxid, to a file')
    .option(
      '--super <password>',
      'proves to be the user super; also PADDOCK_SUPER',
      environment.superPassword,
    )
    .action((file: string, flags: { readonly super?: string }) =>
      act((context) => backup(context, file, flags.super)),
    );
  program
    .command('import <source>')
    .description('load a tree from a JSON file ("-": standard input) or a folder')
    .option('--at <path>', 'where the tree is put', '/')
    .addHelpText('after', FORMAT_HELP)
    .action((source: string, flags: ImportFlags) =>
      act((context) => importFrom(context, source, flags)),
    );
  program
    .command('export [path]')
    .description('write a tree to a JSON file or a folder')
    .option('--to <target>', 'FILE.json, a new folder, or "-" for standard output', '-')
    .addHelpText('after', FORMAT_HELP)
    .action((path: string | undefined, flags: ExportFlags) =>
      act((context) => exportTo(context, path ?? '/', flags)),
    );
}

const STATUS_HELP = `
LAG is in transactions behind what is committed; FRESH says as of when a replica is known to
have had all of it. A replica that was not asked is told as its leader knows it.
Exit codes: 0 all is well as far as is known, 1 a replica does not serve or there is an alarm,
3 nobody answers.
`;

const FORMAT_HELP = `
JSON: a znode is "its data", or {"data": "text", "children": {"name": znode, …}}, with
"base64" instead of "data" where it is not text; each key may be missing. The file holds
one znode, which stands for the path.
Folder: a znode without children is a file with its data, one with children a folder whose
own data is the file .data in it.
Ephemeral znodes are not exported. Importing replaces data and deletes nothing.
`;

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}

function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It is at least 1.');
  return number;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function milliseconds(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new InvalidArgumentError('It takes a time such as 30s or 5m.');
  return Number(count) * factor;
}

function dataOf(argument: string): Uint8Array {
  return argument === '-' ? readFileSync(0) : Buffer.from(argument);
}
