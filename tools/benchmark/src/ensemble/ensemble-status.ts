// What the benchmarks of ensembles read of the status of a replica.
import { z } from 'zod';

const broadcaster = z.object({
  role: z.string(),
  phase: z.string(),
  term: z.string(),
  log: z.object({ entries: z.number(), syncs: z.number(), bytes: z.number() }),
  traffic: z.object({
    messagesSent: z.number(),
    bytesSent: z.number(),
    messagesReceived: z.number(),
    bytesReceived: z.number(),
  }),
});

const status = z.object({ stages: z.object({ 'zab-broadcaster': broadcaster }) });

export type BroadcasterCounters = Readonly<z.infer<typeof broadcaster>>;

export async function readBroadcaster(admin: string): Promise<BroadcasterCounters> {
  const response = await fetch(`http://${admin}/status`);
  return status.parse(await response.json()).stages['zab-broadcaster'];
}

/** What has been written and sent between two readings. */
export interface ReplicationCost {
  readonly syncs: number;
  readonly logBytes: number;
  readonly messagesSent: number;
  readonly bytesSent: number;
  readonly messagesReceived: number;
  readonly bytesReceived: number;
}

export function costBetween(
  before: BroadcasterCounters,
  after: BroadcasterCounters,
): ReplicationCost {
  return {
    syncs: after.log.syncs - before.log.syncs,
    logBytes: after.log.bytes - before.log.bytes,
    messagesSent: after.traffic.messagesSent - before.traffic.messagesSent,
    bytesSent: after.traffic.bytesSent - before.traffic.bytesSent,
    messagesReceived: after.traffic.messagesReceived - before.traffic.messagesReceived,
    bytesReceived: after.traffic.bytesReceived - before.traffic.bytesReceived,
  };
}
