// Every message of every boundary, as fast-check draws them.
export { clientOperation, sessionRequest, sessionReply } from './arbitrary-client-messages.ts';
export {
  electionRequest,
  electionReply,
  learnerMessage,
  leaderMessage,
  logSliceRequest,
  logSliceReply,
  snapshotRequest,
  snapshotReply,
} from './arbitrary-replica-messages.ts';
export {
  databaseRequest,
  databaseReply,
  processorRequest,
  processorReply,
  lookUpRequest,
  lookUpReply,
  logEntry,
  broadcastRequest,
  broadcastReply,
  deliveryRequest,
  deliveryReply,
} from './arbitrary-stage-messages.ts';
export { term } from './arbitrary-values.ts';
