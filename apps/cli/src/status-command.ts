import type { CommandContext } from './command-context.ts';
import { DEFAULT_ADMINS } from './admin-address.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { accountsIn, membershipOf } from './status-account.ts';
import type { ReplicaAccount } from './status-account.ts';
import { describeEnsemble } from './status-ensemble.ts';
import type { EnsembleStatus } from './status-ensemble.ts';
import { printStatus } from './status-table.ts';

export interface StatusFlags {
  /** Separated by commas; undefined: the default ports of this machine. */
  readonly admin: string | undefined;
}

const LONGEST_TIMEOUT_MS = 5000;

interface Answer {
  readonly url: string;
  readonly accounts: readonly ReplicaAccount[];
}

interface Silence {
  readonly url: string;
  readonly reason: string;
}

/** Asks admin ports; the exit code says whether all is well with the ensemble that they tell of. */
export async function status(context: CommandContext, flags: StatusFlags): Promise<void> {
  const { output } = context;
  const told = await tellStatus(context, flags);
  if (output.isJson) output.line(JSON.stringify(told));
  else printStatus(told, output);
  if (!isWell(told)) context.exitWith(EXIT.refused);
}

/** What the admin ports tell. */
export function tellStatus(
  context: Pick<CommandContext, 'timeoutMs'>,
  { admin }: StatusFlags,
): Promise<EnsembleStatus> {
  const timeoutMs = Math.min(context.timeoutMs || LONGEST_TIMEOUT_MS, LONGEST_TIMEOUT_MS);
  return admin === undefined
    ? askHere(timeoutMs)
    : askAll(admin.split(',').map(statusUrl), timeoutMs);
}

/** No replica is known not to serve, and nobody must look at anything. */
export function isWell({ alarms, replicas }: EnsembleStatus): boolean {
  return alarms.length === 0 && replicas.every(({ serving }) => serving !== false);
}

/** Accepts a whole URL, or host:port. */
export function statusUrl(admin: string): string {
  const trimmed = admin.trim();
  const url = /^https?:\/\//.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(url)) {
    throw new CommandFailure(EXIT.usage, `"${admin}" is no address; write host:port or a URL`);
  }
  const parsed = new URL(url);
  if (parsed.pathname === '/') parsed.pathname = '/status';
  return parsed.href;
}

/** All that were named; one that does not answer is an alarm. */
async function askAll(urls: readonly string[], timeoutMs: number): Promise<EnsembleStatus> {
  const answers = await Promise.all(urls.map((url) => ask(url, timeoutMs)));
  const told = answers.flatMap((it) => ('accounts' in it ? it.accounts : []));
  const silent = answers.filter((it) => 'reason' in it);
  if (told.length === 0) throw unreachable(silent);
  const ensemble = describeEnsemble(told);
  const alarms = silent.map(({ url, reason }) => `no status from ${url} (${reason})`);
  return { ...ensemble, alarms: [...alarms, ...ensemble.alarms] };
}

/**
 * What runs on this machine, where nothing was named: under `npm start` the first port tells of every replica; replicas
 * that were started one by one have one each. Other ensembles, and other programs, may listen there too.
 */
async function askHere(timeoutMs: number): Promise<EnsembleStatus> {
  const answers = await Promise.all(
    DEFAULT_ADMINS.map((admin) => ask(statusUrl(admin), timeoutMs)),
  );
  const [first, ...more] = answers.filter((it) => 'accounts' in it);
  if (first === undefined) throw unreachable(answers.filter((it) => 'reason' in it));
  const foreign = more.filter((it) => !isOfOneEnsemble(first, it));
  const ours = [first, ...more.filter((it) => !foreign.includes(it))];
  const told = describeEnsemble(ours.flatMap(({ accounts }) => accounts));
  const notices = foreign.map(
    ({ url }) => `another ensemble answers at ${url}: name it with --admin`,
  );
  return { ...told, notices: [...told.notices, ...notices] };
}

/** A replica that is new knows of no ensemble yet. */
function isOfOneEnsemble(a: Answer, b: Answer): boolean {
  const [one, other] = [clusterOf(a), clusterOf(b)];
  return one === '' || other === '' || one === other;
}

function clusterOf({ accounts }: Answer): string {
  return accounts.map((it) => membershipOf(it)?.clusterId ?? '').find((it) => it !== '') ?? '';
}

function unreachable(silent: readonly Silence[]): CommandFailure {
  const places = silent.map(({ url, reason }) => `${url} (${reason})`).join(', ');
  const advice = 'start the service with "npm start", or name its admin ports with --admin';
  return new CommandFailure(EXIT.unreachable, `no status from ${places}; ${advice}`);
}

async function ask(url: string, timeoutMs: number): Promise<Answer | Silence> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const accounts = accountsIn(await response.json());
    return accounts === null
      ? { url, reason: 'it answers, but not as a Paddock does' }
      : { url, accounts };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { url, reason: cause instanceof Error ? cause.message : String(cause) };
  }
}
