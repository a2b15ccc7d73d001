/** Links between stages of one replica. */
export const LOCAL_BOUNDARIES = [
  'frontendDatabase',
  'frontendProcessor',
  'processorDatabase',
  'processorBroadcaster',
  'databaseBroadcaster',
] as const;

/** Links between stages of two replicas; front-ends also dial the leader's processor. */
export const REMOTE_BOUNDARIES = [
  'frontendProcessor',
  'election',
  'broadcast',
  'databaseDatabase',
] as const;

export type Boundary = (typeof LOCAL_BOUNDARIES)[number] | (typeof REMOTE_BOUNDARIES)[number];

export const STAGES = [
  'zab-broadcaster',
  'replicated-database',
  'request-processor',
  'session-frontend',
] as const;

/** Where the stages of a replica are dialled. */
export interface ReplicaAddresses {
  readonly broadcaster: string;
  readonly database: string;
  readonly processor: string;
  readonly frontend: string;
}

export function addressesOf(replica: number): ReplicaAddresses {
  return {
    broadcaster: `zab-broadcaster.${replica}`,
    database: `replicated-database.${replica}`,
    processor: `request-processor.${replica}`,
    frontend: `session-frontend.${replica}`,
  };
}
