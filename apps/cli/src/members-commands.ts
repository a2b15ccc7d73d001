import { Members, MembersError } from '@paddock/client';
import type { MembersPlan, MemberStep, QuorumOutlook } from '@paddock/client';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { formatTable } from './output.ts';
import { tellStatus } from './status-command.ts';

/** Where the leader is found. */
export interface MembersFlags {
  /** Separated by commas; undefined: those that the admin ports name. */
  readonly broadcaster: string | undefined;
  readonly admin: string | undefined;
}

export interface ChangeFlags extends MembersFlags {
  readonly ifVersion: number | undefined;
}

export async function listMembers(context: CommandContext, flags: MembersFlags): Promise<void> {
  const list = await asked(context, flags, (members) => members.list());
  const { output } = context;
  if (output.isJson) {
    output.line(JSON.stringify(list));
    return;
  }
  const rows = list.members.map((it) => [
    String(it.replica),
    it.listed?.role ?? 'not listed',
    it.isLeader ? 'leads' : it.isSynchronized ? 'synchronized' : 'not here',
    it.listed?.address ?? '',
  ]);
  output.line(formatTable([['REPLICA', 'ROLE', 'STATE', 'ADDRESS'], ...rows]));
  output.line(`version ${list.version}${list.isChanging ? ', changing' : ''}`);
  output.line(describeOutlook('voters', list.outlook));
}

export async function planChange(
  context: CommandContext,
  steps: readonly MemberStep[],
  flags: ChangeFlags,
): Promise<void> {
  const version = flags.ifVersion ?? null;
  const plan = await asked(context, flags, (members) => members.plan({ version, steps }));
  context.output.result(plan, describePlan(plan).join('\n'));
}

export async function changeMembers(
  context: CommandContext,
  steps: readonly MemberStep[],
  flags: ChangeFlags,
): Promise<void> {
  const version = flags.ifVersion ?? null;
  const made = await asked(context, flags, (members) => members.change({ version, steps }));
  const listed = made.members.map((it) => `${it.replica} (${it.role})`);
  context.output.result(made, `version ${made.version}: ${listed.join(', ')}`);
}

export async function transferLeadership(
  context: CommandContext,
  replica: number,
  flags: MembersFlags,
): Promise<void> {
  const leader = await asked(context, flags, (members) => members.transferLeadership(replica));
  context.output.result({ leader }, `replica ${leader} leads`);
}

function describePlan(plan: MembersPlan): string[] {
  const lines = [
    `version ${plan.version}`,
    describeOutlook('until it is committed, of the voters', plan.before),
    describeOutlook('and from now on, of the voters', plan.after),
  ];
  if (plan.replacesLeader) lines.push('leadership goes to another replica');
  return lines;
}

function describeOutlook(title: string, outlook: QuorumOutlook): string {
  const { voters, quorum, synchronized, indispensable } = outlook;
  const here = `${synchronized.join(', ') || 'none'} here`;
  const warning = indispensable.length === 0 ? '' : `; none of ${indispensable.join(', ')} may go`;
  return `${title} ${voters.join(', ')}: ${quorum} needed, ${here}${warning}`;
}

export async function asked<T>(
  context: CommandContext,
  flags: MembersFlags,
  ask: (members: Members) => Promise<T>,
): Promise<T> {
  const broadcasters = await broadcastersFor(context, flags);
  const timeoutMs = context.timeoutMs === 0 ? {} : { timeoutMs: context.timeoutMs };
  try {
    const secured = context.tls === undefined ? {} : { tls: context.tls };
    return await ask(new Members({ broadcasters, ...timeoutMs, ...secured }));
  } catch (error) {
    if (!(error instanceof MembersError)) throw error;
    throw new CommandFailure(exitCodeOf(error), `${error.message} (${error.code})`);
  }
}

function exitCodeOf({ code }: MembersError): number {
  if (code === 'unreachable') return EXIT.unreachable;
  return code === 'unknownOutcome' ? EXIT.timeout : EXIT.refused;
}

async function broadcastersFor(
  context: CommandContext,
  { broadcaster, admin }: MembersFlags,
): Promise<readonly string[]> {
  if (broadcaster !== undefined) return broadcaster.split(',').map((it) => it.trim());
  const { replicas } = await tellStatus(context, { admin });
  return replicas.flatMap(({ endpoints }) => endpoints['zabBroadcaster'] ?? []);
}
