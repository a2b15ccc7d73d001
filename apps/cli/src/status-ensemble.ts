import { counterOf, epochOf, parseZxid } from '@paddock/model';
import { memberOf, mergeAccounts, membershipOf } from './status-account.ts';
import type { Membership, ReplicaAccount, StageAccount } from './status-account.ts';
import { remarksOn } from './status-remarks.ts';
import type { Remarks } from './status-remarks.ts';

export interface StageStatus extends Readonly<Record<string, unknown>> {
  readonly role: string | null;
  readonly epoch: number | null;
  readonly zxid: string | null;
  /** Transactions behind what is committed; null: of other epochs, or not known. */
  readonly lag: number | null;
  readonly pid: number | null;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly serving: boolean;
  readonly waitingFor: readonly string[];
}

export interface ReplicaStatus {
  readonly id: number;
  /** leader, follower, observer, looking; down: does not answer; unknown: was not asked. */
  readonly role: string;
  readonly epoch: number | null;
  /** What its database has applied. */
  readonly zxid: string | null;
  readonly lag: number | null;
  /** As of so many milliseconds ago it is known to have applied all that was committed. */
  readonly freshAgoMs: number | null;
  readonly pid: number | null;
  readonly endpoints: Readonly<Record<string, string>>;
  /** Null: nobody knows. */
  readonly serving: boolean | null;
  readonly waitingFor: readonly string[];
  readonly stages: Readonly<Record<string, StageStatus>>;
}

export interface EnsembleStatus extends Remarks {
  readonly leader: number | null;
  readonly epoch: number | null;
  /** As far as those who were asked know. */
  readonly committed: string | null;
  readonly configuration: Membership | null;
  /** Voters that have all that is committed, as the leader says; null without one. */
  readonly votersInStep: number | null;
  readonly replicas: readonly ReplicaStatus[];
}

type Endpoints = Readonly<Record<string, string>>;

/** Which endpoints are those of a stage that runs by itself. */
const ENDPOINTS_OF: Readonly<Record<string, string>> = {
  'zab-broadcaster': 'zabBroadcaster',
  'replicated-database': 'replicatedDatabase',
  'request-processor': 'requestProcessor',
  'session-frontend': 'client',
};

/** The ensemble as those who were asked account for it. */
export function describeEnsemble(known: readonly ReplicaAccount[]): EnsembleStatus {
  const accounts = mergeAccounts(known);
  const leading = leaderOf(accounts);
  const broadcasters = accounts.flatMap((it) => it.stages['zab-broadcaster'] ?? []);
  const configuration = leading === null ? newestMembership(accounts) : membershipOf(leading);
  const leaderStage = leading?.stages['zab-broadcaster'];
  const committed = leaderStage?.committed ?? highest(broadcasters.map((it) => it.committed));
  const asked = accounts.map((it) => describeReplica(it, committed));
  const learners = leaderStage?.learners ?? [];
  const others = new Set(
    [...(configuration?.members ?? []), ...learners].map(({ replica }) => replica),
  );
  for (const { id } of accounts) others.delete(id);
  const told = [...others].map((id) =>
    secondHand(id, { member: memberOf(configuration, id), leader: leaderStage, committed }),
  );
  const replicas = [...asked, ...told].sort((a, b) => a.id - b.id);
  return {
    leader: leading?.id ?? broadcasters.flatMap((it) => it.leader ?? [])[0] ?? null,
    epoch: leaderStage?.epoch ?? highestEpoch(broadcasters),
    committed,
    configuration,
    votersInStep: leaderStage === undefined ? null : votersInStep(leaderStage),
    ...remarksOn({ accounts, leading, learners, membership: configuration }),
    replicas,
  };
}

/** The one of the newest epoch: an older one may not have heard yet that it was deposed. */
function leaderOf(accounts: readonly ReplicaAccount[]): ReplicaAccount | null {
  let leading: ReplicaAccount | null = null;
  let newest = -1;
  for (const it of accounts) {
    const stage = it.stages['zab-broadcaster'];
    if (stage?.role !== 'leader' || (stage.epoch ?? 0) <= newest) continue;
    leading = it;
    newest = stage.epoch ?? 0;
  }
  return leading;
}

/** The leader among them. */
function votersInStep({ learners }: StageAccount): number {
  return 1 + (learners ?? []).filter((it) => it.isVoter && it.isSynchronized).length;
}

function highestEpoch(broadcasters: readonly StageAccount[]): number | null {
  const epochs = broadcasters.flatMap((it) => it.epoch ?? []);
  return epochs.length === 0 ? null : Math.max(...epochs);
}

/** Of an ensemble that was founded, if any knows of it; of one that is yet to be otherwise. */
function newestMembership(accounts: readonly ReplicaAccount[]): Membership | null {
  const all = accounts.map(membershipOf).filter((it) => it !== null);
  return all.find(({ clusterId }) => clusterId !== '') ?? all[0] ?? null;
}

function highest(zxids: readonly (string | null | undefined)[]): string | null {
  let found: string | null = null;
  for (const it of zxids) {
    const here = parseZxid(it ?? '');
    if (here !== undefined && here > (parseZxid(found ?? '') ?? -1)) found = it ?? null;
  }
  return found;
}

/** Transactions from `at` to `committed`. */
function lagOf(at: string | null | undefined, committed: string | null): number | null {
  const here = parseZxid(at ?? '');
  const there = parseZxid(committed ?? '');
  if (here === undefined || there === undefined) return null;
  if (here >= there) return 0;
  return epochOf(here) === epochOf(there) ? counterOf(there) - counterOf(here) : null;
}

function describeReplica(
  { id, endpoints, stages }: ReplicaAccount,
  committed: string | null,
): ReplicaStatus {
  const broadcaster = stages['zab-broadcaster'];
  const database = stages['replicated-database'];
  const all = Object.values(stages);
  const isDown = broadcaster === undefined ? !all.some(hasAnswered) : !hasAnswered(broadcaster);
  const role = isDown ? 'down' : (broadcaster?.role ?? 'unknown');
  const zxid = database?.applied ?? null;
  return {
    id,
    role,
    epoch: broadcaster?.epoch ?? null,
    zxid,
    lag: lagOf(zxid, committed),
    freshAgoMs: database?.freshAgoMs ?? null,
    pid: broadcaster?.pid ?? all.flatMap((it) => it.pid ?? [])[0] ?? null,
    endpoints,
    serving: all.length > 0 && all.every(isServing),
    waitingFor: [...new Set(all.flatMap((it) => it.waitingFor))],
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, stage]) => [
        name,
        describeStage(name, stage, { role, endpoints, committed }),
      ]),
    ),
  };
}

/** A front-end that still answers may wait for a neighbour all the same. */
function isServing({ serving, waitingFor }: StageAccount): boolean {
  return serving && waitingFor.length === 0;
}

/** Rather than been missed by whoever asked. */
function hasAnswered({ phase, applied }: StageAccount): boolean {
  return (phase ?? applied ?? null) !== null;
}

interface StageOfReplica {
  readonly role: string;
  readonly endpoints: Endpoints;
  readonly committed: string | null;
}

function describeStage(
  name: string,
  stage: StageAccount,
  { role, endpoints, committed }: StageOfReplica,
): StageStatus {
  const listensAt = endpoints[ENDPOINTS_OF[name] ?? ''];
  const zxid = zxidOf(name, stage);
  return {
    ...stage,
    serving: isServing(stage),
    role: roleOf(name, stage, role),
    epoch: stage.epoch ?? epochIn(stage.term),
    zxid,
    // A processor is ahead of what is committed: it assigns the numbers.
    lag: name === 'request-processor' ? null : lagOf(zxid, committed),
    pid: stage.pid ?? null,
    endpoints: listensAt === undefined ? {} : { [ENDPOINTS_OF[name] ?? '']: listensAt },
  };
}

/** A processor is active for the term that it was granted, and stands by otherwise; the others are as their replica. */
function roleOf(name: string, stage: StageAccount, replica: string): string | null {
  if (name === 'zab-broadcaster') return stage.role ?? null;
  if (name !== 'request-processor') return replica;
  if (!hasAnswered(stage)) return null;
  return stage.phase === 'waiting' ? 'standby' : 'active';
}

/** What it has committed, applied, assigned last, or was told of as applied. */
function zxidOf(name: string, stage: StageAccount): string | null {
  if (name === 'zab-broadcaster') return stage.committed ?? null;
  if (name !== 'request-processor') return stage.applied ?? null;
  return stage.phase === 'serving' ? (stage.lastAssigned ?? null) : null;
}

/** A term reads "epoch/incarnation"; that of epoch 0 is none. */
function epochIn(term: string | null | undefined): number | null {
  const epoch = Number(term?.split('/')[0] ?? '0');
  return epoch > 0 ? epoch : null;
}

interface Hearsay {
  readonly member: Membership['members'][number] | undefined;
  readonly leader: StageAccount | undefined;
  readonly committed: string | null;
}

/** One whose admin port was not asked, as the leader knows it. */
function secondHand(id: number, { member, leader, committed }: Hearsay): ReplicaStatus {
  const endpoints: Endpoints = member === undefined ? {} : { zabBroadcaster: member.address };
  const known = { id, endpoints, epoch: null, freshAgoMs: null, pid: null, stages: {} };
  const learner = leader?.learners?.find((it) => it.replica === id);
  if (leader === undefined || learner === undefined) {
    const serving = leader === undefined ? null : false;
    const reason =
      leader === undefined
        ? 'nobody was asked: name its admin port, or that of the leader'
        : 'it is not connected to the leader';
    return { ...known, role: 'unknown', zxid: null, lag: null, serving, waitingFor: [reason] };
  }
  return {
    ...known,
    role: member === undefined ? 'observer' : 'follower',
    epoch: leader.epoch ?? null,
    zxid: learner.acknowledged,
    lag: lagOf(learner.acknowledged, committed),
    serving: learner.isSynchronized,
    waitingFor: learner.isSynchronized ? [] : ['synchronization, says the leader'],
  };
}
