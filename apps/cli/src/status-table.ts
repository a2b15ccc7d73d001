import { formatTable } from './output.ts';
import type { Output } from './output.ts';
import type { EnsembleStatus, ReplicaStatus, StageStatus } from './status-ensemble.ts';

const COLUMNS = [
  'REPLICA',
  'STAGE',
  'ROLE',
  'EPOCH',
  'ZXID',
  'LAG',
  'FRESH',
  'PID',
  'RESTARTS',
  'HEALTH',
];

/** For people: the ensemble in a line, its replicas and their stages in a table, and what must be looked at. */
export function printStatus(status: EnsembleStatus, output: Output): void {
  for (const line of headLines(status)) output.line(line);
  output.line('');
  const rows = [COLUMNS];
  for (const replica of status.replicas) {
    const stages = Object.entries(replica.stages);
    const isSplit = new Set(stages.map(([, { pid }]) => pid)).size > 1;
    rows.push(replicaRow(replica, isSplit, output));
    for (const [name, stage] of stages) rows.push(stageRow(name, stage, isSplit, output));
  }
  output.line(formatTable(rows));
  const remarks = [
    ...status.alarms.map((it) => output.style('red', `alarm: ${it}`)),
    ...status.notices.map((it) => output.style('yellow', `note: ${it}`)),
  ];
  if (remarks.length > 0) output.line('');
  for (const remark of remarks) output.line(remark);
}

function headLines({
  leader,
  epoch,
  configuration,
  votersInStep,
  replicas,
}: EnsembleStatus): string[] {
  const led =
    leader === null ? 'no leader is known' : `replica ${leader} leads epoch ${cell(epoch)}`;
  const members = configuration?.members ?? [];
  if (configuration === null || configuration.clusterId === '') {
    return [`an ensemble that is yet to be founded: ${led}`];
  }
  const voters = members.filter(({ role }) => role === 'voter').map(({ replica }) => replica);
  const observers = replicas.filter(({ role }) => role === 'observer').map(({ id }) => id);
  const step = votersInStep === null ? '' : `: ${votersInStep} of ${voters.length} in step`;
  const beside = observers.length === 0 ? '' : `; observers ${observers.join(', ')}`;
  return [
    `ensemble ${configuration.clusterId}: ${led}`,
    `voters ${voters.join(', ')}${step}${beside}`,
  ];
}

/** Fused, the four stages are one process, which is told with the replica; split, each is told with its own. */
function replicaRow(it: ReplicaStatus, isSplit: boolean, output: Output): string[] {
  const [stage] = Object.values(it.stages);
  return [
    String(it.id),
    '',
    it.role === 'leader' ? output.style('bold', it.role) : it.role,
    cell(it.epoch),
    cell(it.zxid),
    lagCell(it.zxid, it.lag),
    it.freshAgoMs === null ? '' : `${it.freshAgoMs} ms`,
    isSplit ? '' : cell(it.pid),
    isSplit ? '' : cell(stage?.['restarts']),
    replicaHealth(it, output),
  ];
}

/** The stages say what they wait for, each in its own row. */
function replicaHealth(it: ReplicaStatus, output: Output): string {
  if (it.serving === null) return output.style('dim', `not known: ${it.waitingFor.join('; ')}`);
  if (it.serving) return output.style('green', 'serving');
  if (it.role === 'down' && it.zxid === null) return output.style('red', 'does not answer');
  const reasons = Object.keys(it.stages).length === 0 ? `: ${it.waitingFor.join('; ')}` : '';
  return output.style('yellow', `not serving${reasons}`);
}

function stageRow(name: string, stage: StageStatus, isSplit: boolean, output: Output): string[] {
  const reasons = stage.waitingFor.map((it) => it.replace(`${name}: `, ''));
  const health = stage.serving
    ? output.style('green', 'serving')
    : output.style(
        'yellow',
        reasons.length === 0 ? 'not serving' : `waiting: ${reasons.join('; ')}`,
      );
  return [
    '',
    name,
    cell(stage.role),
    cell(stage.epoch),
    cell(stage.zxid),
    // A processor assigns the numbers: it is ahead, or stands by.
    name === 'request-processor' ? '' : lagCell(stage.zxid, stage.lag),
    '',
    isSplit ? cell(stage.pid) : '',
    isSplit ? cell(stage['restarts']) : '',
    health,
  ];
}

/** Of another epoch than what is committed: how many transactions lie between is not known. */
function lagCell(zxid: string | null, lag: number | null): string {
  if (zxid === null) return '';
  return lag === null ? '?' : String(lag);
}

function cell(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
