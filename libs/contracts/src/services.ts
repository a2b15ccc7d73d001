// The services of protos/, typed. A test reads the .proto files and compares every path.
import { grpc, paddock } from '../gen/index.js';
import { bidi, serverStream, unary } from './method.ts';

const client = paddock.client.v1;
const health = grpc.health.v1;
const reflection = grpc.reflection.v1;

export const SessionService = {
  session: bidi(
    '/paddock.client.v1.SessionService/Session',
    client.SessionRequest,
    client.SessionResponse,
  ),
} as const;

const admin = paddock.admin.v1;
const members = '/paddock.admin.v1.MembersService';

export const MembersService = {
  list: unary(`${members}/List`, admin.ListRequest, admin.ListResponse),
  plan: unary(`${members}/Plan`, admin.PlanRequest, admin.PlanResponse),
  change: unary(`${members}/Change`, admin.ChangeRequest, admin.ChangeResponse),
  transfer: unary(`${members}/Transfer`, admin.TransferRequest, admin.TransferResponse),
  restore: unary(`${members}/Restore`, admin.RestoreRequest, admin.RestoreResponse),
} as const;

const znodes = '/paddock.client.v1.ZnodeService';

export const ZnodeService = {
  create: unary(`${znodes}/Create`, client.CreateRequest, client.CreateResponse),
  get: unary(`${znodes}/Get`, client.GetRequest, client.GetResponse),
  set: unary(`${znodes}/Set`, client.SetRequest, client.SetResponse),
  delete: unary(`${znodes}/Delete`, client.DeleteRequest, client.DeleteResponse),
  transact: unary(`${znodes}/Transact`, client.TransactRequest, client.TransactResponse),
  exists: unary(`${znodes}/Exists`, client.ExistsRequest, client.ExistsResponse),
  list: unary(`${znodes}/List`, client.ListRequest, client.ListResponse),
  count: unary(`${znodes}/Count`, client.CountRequest, client.CountResponse),
  readMany: unary(`${znodes}/ReadMany`, client.ReadManyRequest, client.ReadManyResponse),
  ephemerals: unary(`${znodes}/Ephemerals`, client.EphemeralsRequest, client.EphemeralsResponse),
  sessions: unary(`${znodes}/Sessions`, client.SessionsRequest, client.SessionsResponse),
  setQuota: unary(`${znodes}/SetQuota`, client.SetQuotaRequest, client.SetQuotaResponse),
  quotas: unary(`${znodes}/Quotas`, client.QuotasRequest, client.QuotasResponse),
  setAcl: unary(`${znodes}/SetAcl`, client.SetAclRequest, client.SetAclResponse),
  getAcl: unary(`${znodes}/GetAcl`, client.GetAclRequest, client.GetAclResponse),
  can: unary(`${znodes}/Can`, client.CanRequest, client.CanResponse),
  whoAmI: unary(`${znodes}/WhoAmI`, client.WhoAmIRequest, client.WhoAmIResponse),
  snapshot: serverStream(`${znodes}/Snapshot`, client.SnapshotRequest, client.SnapshotResponse),
  sync: unary(`${znodes}/Sync`, client.SyncRequest, client.SyncResponse),
  watch: serverStream(`${znodes}/Watch`, client.WatchRequest, client.WatchResponse),
} as const;

export const HistoryService = {
  log: serverStream('/paddock.client.v1.HistoryService/Log', client.LogRequest, client.LogResponse),
  backup: serverStream(
    '/paddock.client.v1.HistoryService/Backup',
    client.BackupRequest,
    client.BackupResponse,
  ),
} as const;

export const LogReadingService = {
  link: bidi(
    '/paddock.frontend_broadcaster.v1.LogReadingService/Link',
    paddock.frontend_broadcaster.v1.LinkRequest,
    paddock.frontend_broadcaster.v1.LinkResponse,
  ),
} as const;

export const FrontendDatabaseService = {
  link: bidi(
    '/paddock.frontend_database.v1.FrontendDatabaseService/Link',
    paddock.frontend_database.v1.LinkRequest,
    paddock.frontend_database.v1.LinkResponse,
  ),
} as const;

export const FrontendProcessorService = {
  link: bidi(
    '/paddock.frontend_processor.v1.FrontendProcessorService/Link',
    paddock.frontend_processor.v1.LinkRequest,
    paddock.frontend_processor.v1.LinkResponse,
  ),
} as const;

export const ProcessorDatabaseService = {
  link: bidi(
    '/paddock.processor_database.v1.ProcessorDatabaseService/Link',
    paddock.processor_database.v1.LinkRequest,
    paddock.processor_database.v1.LinkResponse,
  ),
} as const;

export const ProcessorBroadcasterService = {
  link: bidi(
    '/paddock.processor_broadcaster.v1.ProcessorBroadcasterService/Link',
    paddock.processor_broadcaster.v1.LinkRequest,
    paddock.processor_broadcaster.v1.LinkResponse,
  ),
} as const;

export const DatabaseBroadcasterService = {
  link: bidi(
    '/paddock.database_broadcaster.v1.DatabaseBroadcasterService/Link',
    paddock.database_broadcaster.v1.LinkRequest,
    paddock.database_broadcaster.v1.LinkResponse,
  ),
} as const;

export const ElectionService = {
  link: bidi(
    '/paddock.election.v1.ElectionService/Link',
    paddock.election.v1.LinkRequest,
    paddock.election.v1.LinkResponse,
  ),
} as const;

export const BroadcastService = {
  link: bidi(
    '/paddock.broadcast.v1.BroadcastService/Link',
    paddock.broadcast.v1.LinkRequest,
    paddock.broadcast.v1.LinkResponse,
  ),
} as const;

export const SnapshotService = {
  link: bidi(
    '/paddock.database_database.v1.SnapshotService/Link',
    paddock.database_database.v1.LinkRequest,
    paddock.database_database.v1.LinkResponse,
  ),
} as const;

export const HealthService = {
  check: unary(
    '/grpc.health.v1.Health/Check',
    health.HealthCheckRequest,
    health.HealthCheckResponse,
  ),
  list: unary('/grpc.health.v1.Health/List', health.HealthListRequest, health.HealthListResponse),
  watch: serverStream(
    '/grpc.health.v1.Health/Watch',
    health.HealthCheckRequest,
    health.HealthCheckResponse,
  ),
} as const;

export const ReflectionService = {
  serverReflectionInfo: bidi(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    reflection.ServerReflectionRequest,
    reflection.ServerReflectionResponse,
  ),
} as const;
