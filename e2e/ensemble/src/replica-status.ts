import * as z from 'zod';

const member = z.looseObject({
  replica: z.number(),
  incarnation: z.number(),
  role: z.enum(['voter', 'observer']),
});

const broadcaster = z.looseObject({
  serving: z.boolean(),
  role: z.enum(['leader', 'follower', 'observer', 'looking']),
  phase: z.string(),
  leader: z.number().nullable(),
  epoch: z.number(),
  durable: z.string(),
  committed: z.string(),
  configuration: z.looseObject({ clusterId: z.string(), members: z.array(member) }).nullable(),
  log: z.looseObject({ entries: z.number(), syncs: z.number() }),
});

const database = z.looseObject({
  serving: z.boolean(),
  applied: z.string(),
  newestSnapshot: z.string(),
  znodesDigest: z.string(),
  sessionsDigest: z.string(),
  znodes: z.number(),
  sessions: z.number(),
});

const frontend = z.looseObject({ serving: z.boolean(), connections: z.number() });

const schema = z.object({
  stages: z.object({
    'zab-broadcaster': broadcaster.optional(),
    'replicated-database': database.optional(),
    'session-frontend': frontend.optional(),
  }),
});

export type BroadcasterReport = z.infer<typeof broadcaster>;
export type DatabaseReport = z.infer<typeof database>;

/** What tests look at of the stages that run in the processes asked. */
export interface ReplicaStatus {
  readonly broadcaster: BroadcasterReport | undefined;
  readonly database: DatabaseReport | undefined;
  /** Session streams; undefined where the front-end does not run. */
  readonly connections: number | undefined;
}

export async function readReplicaStatus(admins: readonly string[]): Promise<ReplicaStatus> {
  const answers = await Promise.all(
    admins.map(async (admin) => {
      const response = await fetch(`http://${admin}/status`);
      return schema.parse(await response.json()).stages;
    }),
  );
  const stages = Object.assign({}, ...answers) as unknown;
  const all = schema.shape.stages.parse(stages);
  return {
    broadcaster: all['zab-broadcaster'],
    database: all['replicated-database'],
    connections: all['session-frontend']?.connections,
  };
}
