import { z } from 'zod';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { formatTable } from './output.ts';
import type { Output } from './output.ts';

const stage = z.looseObject({
  pid: z.number().nullish(),
  restarts: z.number().nullish(),
  role: z.string().nullish(),
  epoch: z.number().nullish(),
  zxid: z.string().nullish(),
});
const replica = z.looseObject({
  id: z.union([z.number(), z.string()]).nullish(),
  role: z.string().nullish(),
  epoch: z.number().nullish(),
  zxid: z.string().nullish(),
  serving: z.boolean().nullish(),
  waitingFor: z.array(z.string()).nullish(),
  stages: z.record(z.string(), stage).nullish(),
});
const ensemble = z.looseObject({ replicas: z.array(replica) });

type Replica = z.infer<typeof replica>;

export interface StatusFlags {
  readonly admin: string;
}

const DEFAULT_TIMEOUT_MS = 5000;

/** Asks the admin port; the exit code says whether every replica that it tells of serves. */
export async function status(context: CommandContext, flags: StatusFlags): Promise<void> {
  const { output } = context;
  const url = statusUrl(flags.admin);
  const answer = await ask(url, context.timeoutMs === 0 ? DEFAULT_TIMEOUT_MS : context.timeoutMs);
  const replicas = replicasOf(answer);
  if (replicas === null) {
    throw new CommandFailure(EXIT.unreachable, `${url} answers, but not as a Paddock does`);
  }
  if (output.isJson) output.line(JSON.stringify(answer));
  else printStatus(replicas, output);
  if (replicas.some((it) => it.serving === false)) context.exitWith(EXIT.refused);
}

/** Accepts a whole URL, or host:port. */
export function statusUrl(admin: string): string {
  const url = /^https?:\/\//.test(admin) ? admin : `http://${admin}`;
  if (!URL.canParse(url)) {
    throw new CommandFailure(EXIT.usage, `"${admin}" is no address; write host:port or a URL`);
  }
  const parsed = new URL(url);
  if (parsed.pathname === '/') parsed.pathname = '/status';
  return parsed.href;
}

async function ask(url: string, timeoutMs: number): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return await response.json();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = 'start the service with "npm start", or name its admin port with --admin';
    throw new CommandFailure(EXIT.unreachable, `no status from ${url} (${reason}); ${advice}`);
  }
}

/** The replicas of an ensemble's answer, or the one of a replica or stage that runs alone; null for anything else. */
export function replicasOf(answer: unknown): readonly Replica[] | null {
  const whole = ensemble.safeParse(answer);
  if (whole.success) return whole.data.replicas;
  const single = replica.required({ stages: true }).safeParse(answer);
  return single.success ? [single.data] : null;
}

export function printStatus(replicas: readonly Replica[], output: Output): void {
  const rows = [['REPLICA', 'STAGE', 'ROLE', 'EPOCH', 'ZXID', 'PID', 'RESTARTS', 'STATE']];
  for (const it of replicas) {
    const waitingFor = it.waitingFor ?? [];
    const serving = it.serving ?? waitingFor.length === 0;
    const state = serving
      ? output.style('green', 'serving')
      : output.style('yellow', `waiting for ${waitingFor.join(', ')}`);
    const stages = Object.entries(it.stages ?? {});
    rows.push([cell(it.id), '', cell(it.role), cell(it.epoch), cell(it.zxid), '', '', state]);
    for (const [name, of] of stages) {
      const own = [cell(of.role), cell(of.epoch), cell(of.zxid), cell(of.pid), cell(of.restarts)];
      rows.push(['', name, ...own, '']);
    }
  }
  output.line(formatTable(rows));
}

function cell(value: string | number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
