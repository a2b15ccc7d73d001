export type { ClientState, ClientWatchEvent } from '@paddock/client-core';
export { decodeText, encodeText, formatSessionId, formatZxid, parseZxid } from '@paddock/model';
export type {
  CreateMode,
  ErrorCode,
  ReadConsistency,
  SessionId,
  Stat,
  ZnodePath,
  Zxid,
} from '@paddock/model';
export { Client } from './client.ts';
export type {
  ClientLimits,
  CreateOptions,
  ReadOptions,
  Reflecting,
  StateChange,
  StateListener,
  VersionOptions,
  Watch,
  ZnodeData,
} from './client.ts';
export { connect, DEFAULT_SERVERS, parseServers } from './connect.ts';
export type { ConnectOptions } from './connect.ts';
export { PaddockError } from './paddock-error.ts';
export { SessionDriver } from './session-driver.ts';
export type { SessionDialer, SessionDriverDependencies } from './session-driver.ts';
export { WatchStream } from './watch-stream.ts';
export type { WatchListener } from './watch-stream.ts';
