import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { MemberStep } from '@paddock/client';
import type { CommandContext } from './command-context.ts';
import { changeMembers, listMembers, planChange, transferLeadership } from './members-commands.ts';
import { revert } from './revert-command.ts';
import type { ChangeFlags, MembersFlags } from './members-commands.ts';

type Act = (action: (context: CommandContext) => Promise<void>) => Promise<void>;

type Listed = Pick<Extract<MemberStep, { kind: 'add' }>, 'replica' | 'address'>;

interface PlanFlags extends ChangeFlags {
  readonly add: readonly Listed[] | undefined;
  readonly addObserver: readonly Listed[] | undefined;
  readonly remove: readonly number[] | undefined;
  readonly promote: readonly number[] | undefined;
  readonly demote: readonly number[] | undefined;
}

/** Who is in the ensemble, and who leads it. */
export function addMembers(program: Command, act: Act): void {
  const members = program
    .command('members')
    .description('list the members of the ensemble, and change them while it runs')
    .addHelpText('after', MEMBERS_HELP);
  located(members.command('list').description('the members, and what their quorum is')).action(
    (flags: MembersFlags) => act((context) => listMembers(context, flags)),
  );
  for (const [name, description, perform] of [
    ['plan', 'show what a change would come to, and change nothing', planChange],
    ['change', 'make several steps at once, or none', changeMembers],
  ] as const) {
    withSteps(changing(members.command(name).description(description))).action((flags: PlanFlags) =>
      act((context) => perform(context, stepsOf(flags), flags)),
    );
  }
  changing(
    members
      .command('add <replica> <address>')
      .description('list a replica that learns already; the address is that of its broadcaster')
      .option('--observer', 'as an observer'),
  ).action((replica: string, address: string, flags: ChangeFlags & { observer?: boolean }) => {
    const role = flags.observer === true ? 'observer' : 'voter';
    const step = { kind: 'add', role, address, replica: numberOf(replica) } as const;
    return act((context) => changeMembers(context, [step], flags));
  });
  for (const [kind, description] of [
    ['remove', 'it stops, and can come back with empty directories alone'],
    ['promote', 'observers become voters'],
    ['demote', 'voters become observers'],
  ] as const) {
    changing(members.command(`${kind} <replica...>`).description(description)).action(
      (replicas: readonly string[], flags: ChangeFlags) => {
        const steps = replicas.map((it) => ({ kind, replica: numberOf(it) }));
        return act((context) => changeMembers(context, steps, flags));
      },
    );
  }
  located(
    program
      .command('revert <file>')
      .description('bring the running ensemble to the state of a backup: all sessions end'),
  ).action((file: string, flags: MembersFlags) => act((context) => revert(context, file, flags)));
  located(
    program
      .command('leader')
      .description('who leads the ensemble')
      .command('transfer <replica>')
      .description('give leadership to a voter that has everything'),
  ).action((replica: string, flags: MembersFlags) => {
    const heir = numberOf(replica);
    return act((context) => transferLeadership(context, heir, flags));
  });
}

function located(command: Command): Command {
  return command
    .option('--broadcaster <host:port,…>', 'broadcasters to ask for the leader')
    .option('--admin <host:port,…>', 'admin ports that name the broadcasters');
}

function changing(command: Command): Command {
  return located(command).option(
    '--if-version <n>',
    'only if the configuration has this version',
    numberOf,
  );
}

function withSteps(command: Command): Command {
  return command
    .addOption(new Option('--add <replica=host:port...>', 'a voter').argParser(gather(listedOf)))
    .addOption(
      new Option('--add-observer <replica=host:port...>', 'an observer').argParser(
        gather(listedOf),
      ),
    )
    .addOption(new Option('--remove <replica...>', 'it goes').argParser(gather(numberOf)))
    .addOption(new Option('--promote <replica...>', 'to a voter').argParser(gather(numberOf)))
    .addOption(new Option('--demote <replica...>', 'to an observer').argParser(gather(numberOf)));
}

function gather<T>(read: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), read(text)];
}

function stepsOf(flags: PlanFlags): MemberStep[] {
  const adding = (role: 'voter' | 'observer') => (it: Listed) =>
    ({ kind: 'add', role, ...it }) as const;
  const of = (kind: 'remove' | 'promote' | 'demote') => (replica: number) => ({ kind, replica });
  return [
    ...(flags.add ?? []).map(adding('voter')),
    ...(flags.addObserver ?? []).map(adding('observer')),
    ...(flags.remove ?? []).map(of('remove')),
    ...(flags.promote ?? []).map(of('promote')),
    ...(flags.demote ?? []).map(of('demote')),
  ];
}

function listedOf(text: string): Listed {
  const [, replica, address] = /^(\d+)=(.+)$/.exec(text) ?? [];
  if (replica === undefined || address === undefined) {
    throw new InvalidArgumentError('It is written REPLICA=HOST:PORT.');
  }
  return { replica: numberOf(replica), address };
}

function numberOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a number from 1 on.');
  return Number(text);
}

const MEMBERS_HELP = `
A replica that is to be added is started first, with a file that lists the present members and
itself as an observer: it learns, and is refused until it has everything. A change is refused
where no quorum of the new voters is synchronized. What is removed stops by itself.
`;
