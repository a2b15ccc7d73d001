import type {
  DatabaseReply,
  DatabaseRequest,
  DeliveryReply,
  DeliveryRequest,
  BroadcastReply,
  BroadcastRequest,
  ElectionReply,
  ElectionRequest,
  LeaderMessage,
  LearnerMessage,
  LogSliceReply,
  LogSliceRequest,
  LookUpReply,
  LookUpRequest,
  ProcessorReply,
  ProcessorRequestBatch,
  SessionReply,
  SessionRequest,
  SnapshotReply,
  SnapshotRequest,
} from '@paddock/model';
import { broadcast } from './wire/broadcast.ts';
import { databaseBroadcaster } from './wire/database-broadcaster.ts';
import { databaseDatabase } from './wire/database-database.ts';
import { election } from './wire/election.ts';
import { frontendBroadcaster } from './wire/frontend-broadcaster.ts';
import { frontendDatabase } from './wire/frontend-database.ts';
import { frontendProcessor } from './wire/frontend-processor.ts';
import type { LinkFormat } from './wire/link-format.ts';
import { processorBroadcaster } from './wire/processor-broadcaster.ts';
import { processorDatabase } from './wire/processor-database.ts';
import { sessionStream } from './wire/session-stream.ts';

/** A boundary between two stages: one bidi method, and what each end sends and receives over it. */
export interface Boundary<Up, Down> {
  readonly method: { readonly path: string };
  readonly dialler: LinkFormat<Up, Down>;
  readonly acceptor: LinkFormat<Down, Up>;
}

export const frontendDatabaseBoundary: Boundary<DatabaseRequest[], DatabaseReply[]> =
  frontendDatabase;
export const frontendProcessorBoundary: Boundary<ProcessorRequestBatch, ProcessorReply[]> =
  frontendProcessor;
export const processorDatabaseBoundary: Boundary<LookUpRequest[], LookUpReply[]> =
  processorDatabase;
export const processorBroadcasterBoundary: Boundary<BroadcastRequest[], BroadcastReply[]> =
  processorBroadcaster;
export const databaseBroadcasterBoundary: Boundary<DeliveryRequest[], DeliveryReply[]> =
  databaseBroadcaster;
/** Between broadcasters: each dials each other one. */
export const electionBoundary: Boundary<ElectionRequest[], ElectionReply[]> = election;
/** A follower or an observer, and the broadcaster that leads. */
export const broadcastBoundary: Boundary<LearnerMessage[], LeaderMessage[]> = broadcast;
/** A database that is behind, and one that has a snapshot. */
export const databaseDatabaseBoundary: Boundary<SnapshotRequest[], SnapshotReply[]> =
  databaseDatabase;
/** A front-end that looks for something in the log of its replica. */
export const frontendBroadcasterBoundary: Boundary<LogSliceRequest[], LogSliceReply[]> =
  frontendBroadcaster;
/** The public one: a client and its front-end. */
export const sessionStreamBoundary: Boundary<SessionRequest[], SessionReply[]> = sessionStream;
