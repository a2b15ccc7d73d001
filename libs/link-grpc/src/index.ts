export {
  broadcastBoundary,
  databaseBroadcasterBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
  frontendBroadcasterBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
  sessionStreamBoundary,
} from './boundary.ts';
export type { Boundary } from './boundary.ts';
export type { ServerSettings } from './channel-options.ts';
export { errorStatus, refusalOf, STATUS_OF_ERROR } from './error-status.ts';
export type { Refusal } from './error-status.ts';
export { createGrpcServer, listen, ListenError, shutDown } from './grpc-server.ts';
export { addHealth } from './health.ts';
export type { HealthStatus, Serving } from './health.ts';
export { GrpcLinkDialer } from './link-dialler.ts';
export type { GrpcLinkDialerOptions } from './link-dialler.ts';
export { serveLink } from './link-server.ts';
export { serveHistory } from './history-api.ts';
export type { BackupApi, BackupReceiver, HistoryApi, LogReceiver, Sending } from './history-api.ts';
export { readBackupPart } from './wire/backup.ts';
export { callStream, StreamCallError } from './stream-call.ts';
export type { StreamCallOptions } from './stream-call.ts';
export { readLogPart, writeLogQuery } from './wire/history.ts';
export { readSnapshotPart, writeSnapshotRequest } from './wire/subtree.ts';
export type { SnapshotPart } from './wire/subtree.ts';
export { readWatchPart, writeWatchRequest } from './wire/watch-parts.ts';
export type { WatchPart } from './wire/watch-parts.ts';
export type { FoundChange, LogPart } from './wire/history.ts';
export { MEMBERS_SERVICE, serveMembers } from './members-api.ts';
export type { AskMembers } from './members-api.ts';
export { MembersConnection } from './members-client.ts';
export type { MembersReply } from './members-client.ts';
export { IDENTIFY_NOBODY } from './peer-identities.ts';
export type { Caller, CallOrigin, IdentifyCaller } from './peer-identities.ts';
export { servePublicApi } from './public-api.ts';
export type { PublicApi, UnaryHandlers, UnaryWatchHandlers } from './public-api.ts';
export { addReflection } from './reflection.ts';
export type { LinkLimits } from './stream-link.ts';
export { CertificateError, CertificateFiles } from './tls/certificate-files.ts';
export type { CertificatePaths } from './tls/certificate-files.ts';
export { FileInUseError, FilesInUse } from './tls/files-in-use.ts';
export type { Reread } from './tls/files-in-use.ts';
export { x509IdentityOf } from './tls/peer-identity.ts';
export type { PeerCertificates, ServerTls } from './tls/server-credentials.ts';
export { noTraffic } from './link-traffic.ts';
export type { LinkTraffic } from './link-traffic.ts';
export type { ListedMembers, MembersList, MembersPlan } from './wire/members.ts';
