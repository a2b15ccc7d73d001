import { STAGE_NAMES } from '@paddock/node-runtime';
import { z } from 'zod';

const member = z.looseObject({
  replica: z.number(),
  role: z.enum(['voter', 'observer']),
  address: z.string(),
});

const learner = z.looseObject({
  replica: z.number(),
  isVoter: z.boolean(),
  isSynchronized: z.boolean(),
  acknowledged: z.string(),
});

/** What a stage says of itself, as far as the whole is told by it; all else is passed on as it is. */
export const stageAccountSchema = z.looseObject({
  serving: z.boolean().default(false),
  waitingFor: z.array(z.string()).default([]),
  pid: z.number().nullish(),
  restarts: z.number().nullish(),
  role: z.string().nullish(),
  phase: z.string().nullish(),
  leader: z.number().nullish(),
  epoch: z.number().nullish(),
  term: z.string().nullish(),
  committed: z.string().nullish(),
  applied: z.string().nullish(),
  lastAssigned: z.string().nullish(),
  freshAgoMs: z.number().nullish(),
  verdict: z.string().nullish(),
  configuration: z.looseObject({ clusterId: z.string(), members: z.array(member) }).nullish(),
  learners: z.array(learner).nullish(),
});

const stages = z.record(z.string(), stageAccountSchema);
const endpoints = z.record(z.string(), z.string()).default({});

/** The admin port of a replica, or of one stage of it, that runs by itself. */
const processAnswer = z.looseObject({
  replica: z.number(),
  pid: z.number().nullish(),
  endpoints,
  stages,
});

/** That of a replica under a supervisor, which knows all of the ensemble. */
const supervisorAnswer = z.looseObject({
  replicas: z.array(z.looseObject({ id: z.number(), endpoints, stages })),
});

export type StageAccount = z.infer<typeof stageAccountSchema>;
export type Membership = NonNullable<StageAccount['configuration']>;

/** What is known at first hand of one replica. */
export interface ReplicaAccount {
  readonly id: number;
  /** Where something of it listens. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** By name; those that nobody was asked for are missing. */
  readonly stages: Readonly<Record<string, StageAccount>>;
}

/** Of one replica or of several; null where no Paddock has answered. */
export function accountsIn(answer: unknown): readonly ReplicaAccount[] | null {
  const whole = supervisorAnswer.safeParse(answer);
  if (whole.success) return whole.data.replicas.map(account);
  const one = processAnswer.safeParse(answer);
  return one.success ? [accountOfProcess(one.data)] : null;
}

/** A process says its pid once for all its stages. */
export function accountOfProcess(answer: z.infer<typeof processAnswer>): ReplicaAccount {
  const { pid } = answer;
  const entries = Object.entries(answer.stages).map(([name, stage]): [string, StageAccount] => [
    name,
    { pid, ...stage },
  ]);
  return account({ id: answer.replica, ...answer, stages: Object.fromEntries(entries) });
}

function account({ id, endpoints: known, stages: told }: ReplicaAccount): ReplicaAccount {
  return { id, endpoints: known, stages: told };
}

/** Each behind those that it needs, whoever answered first. */
function inOrder(told: ReplicaAccount['stages']): ReplicaAccount['stages'] {
  const names: readonly string[] = STAGE_NAMES;
  const entries = Object.entries(told);
  return Object.fromEntries(entries.sort(([a], [b]) => names.indexOf(a) - names.indexOf(b)));
}

/** One account a replica: the stages of a replica may be asked one by one. */
export function mergeAccounts(accounts: readonly ReplicaAccount[]): readonly ReplicaAccount[] {
  const merged = new Map<number, ReplicaAccount>();
  for (const { id, endpoints: known, stages: told } of accounts) {
    const before = merged.get(id);
    merged.set(id, {
      id,
      endpoints: { ...before?.endpoints, ...known },
      stages: inOrder({ ...before?.stages, ...told }),
    });
  }
  return [...merged.values()].sort((a, b) => a.id - b.id);
}

/** The ensemble that the replica belongs to, as its broadcaster or its database says; null: not known, or none yet. */
export function membershipOf({ stages: told }: ReplicaAccount): Membership | null {
  const known = [told['zab-broadcaster'], told['replicated-database']].map(
    (stage) => stage?.configuration ?? null,
  );
  return known.find((it) => it !== null && it.clusterId !== '') ?? known[0] ?? null;
}

export function memberOf(
  membership: Membership | null,
  id: number,
): Membership['members'][number] | undefined {
  return membership?.members.find(({ replica }) => replica === id);
}
