export { AnswerWindow } from './answer-window.ts';
export type { Clock } from './clock.ts';
export { DiskError } from './disk.ts';
export type { Completion, Disk, DiskErrorCode, DiskFile, DiskResult } from './disk.ts';
export type {
  Link,
  LinkAcceptor,
  LinkDialer,
  LinkEnd,
  LinkHandlers,
  PeerIdentity,
} from './link.ts';
export type { Random, SecretHash } from './random.ts';
export { Outbox } from './outbox.ts';
export type { CancelTimer, Timers } from './timers.ts';
