// The contracts between the stages and with clients, as protobufjs makes them from protos/. Only
// the carriers of links and the public client may read them: a core knows the model's types.
export { fileDescriptors, type FileDescriptor } from '../gen/descriptors.js';
export { google, grpc, paddock } from '../gen/index.js';
export { MessageEncoder } from './message-encoder.ts';
export type { Encoder } from './message-encoder.ts';
export { bidi, serverStream, unary } from './method.ts';
export type { Codec, Method, MethodKind } from './method.ts';
export {
  BroadcastService,
  DatabaseBroadcasterService,
  ElectionService,
  FrontendDatabaseService,
  FrontendProcessorService,
  HealthService,
  HistoryService,
  LogReadingService,
  MembersService,
  ProcessorBroadcasterService,
  ProcessorDatabaseService,
  ReflectionService,
  SessionService,
  SnapshotService,
  ZnodeService,
} from './services.ts';
