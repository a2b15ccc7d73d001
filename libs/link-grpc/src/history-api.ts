// What clients reach of the past: the changes of a znode, from the log of the replica, and backups.
import type { Server, ServerWritableStream } from '@grpc/grpc-js';
import { HistoryService } from '@paddock/contracts';
import type { paddock } from '@paddock/contracts';
import { ZXID_ZERO } from '@paddock/model';
import type { ErrorCode, Identities, LogQuery, Zxid } from '@paddock/model';
import { errorStatus } from './error-status.ts';
import { originOf } from './peer-identities.ts';
import type { IdentifyCaller } from './peer-identities.ts';
import { addTypedService } from './typed-service.ts';
import { writeBackupPart } from './wire/backup.ts';
import type { BackupPart } from './wire/backup.ts';
import { zxidOf } from './wire/fields.ts';
import { readLogQuery, writeLogPart, type LogPart } from './wire/history.ts';
import { WireError } from './wire/wire-error.ts';

/** Where the answer to a query goes. */
export interface LogReceiver {
  /** False: it is full, and `drained` will tell the search when it is not any more. */
  part(part: LogPart): boolean;
  /** Last of all, instead of the part that ends the answer. */
  failed(code: ErrorCode, reason: string): void;
}

/** Where a backup goes; as LogReceiver. */
export interface BackupReceiver {
  part(part: BackupPart): boolean;
  failed(code: ErrorCode, reason: string): void;
}

/** An answer under way. */
export interface Sending {
  drained(): void;
  /** Nobody wants the rest. */
  cancel(): void;
}

export interface HistoryApi {
  log(query: LogQuery, receiver: LogReceiver, identities: Identities): Sending;
}

export interface BackupApi {
  /** Of the newest snapshot that is not older than `atLeast`, which is waited for. */
  backup(atLeast: Zxid, receiver: BackupReceiver, identities: Identities): Sending;
}

type LogCall = ServerWritableStream<
  paddock.client.v1.LogRequest,
  paddock.client.v1.LogResponse.$Properties
>;

type BackupCall = ServerWritableStream<
  paddock.client.v1.BackupRequest,
  paddock.client.v1.BackupResponse.$Properties
>;

export interface ServedHistory {
  readonly history: HistoryApi;
  readonly backups: BackupApi;
  readonly identify: IdentifyCaller;
}

export function serveHistory(server: Server, served: ServedHistory): void {
  addTypedService(server, HistoryService, {
    log: (call) => answerLog(served, call),
    backup: (call) => answerBackup(served, call),
  });
}

function answerLog({ history, identify }: ServedHistory, call: LogCall): void {
  const { path } = call.request;
  answer(
    call,
    path,
    () => readLogQuery(call.request),
    (query, stream: StreamedAnswer<LogPart>) =>
      askedBy(identify, call, stream, (identities) => history.log(query, stream, identities)),
    (part) => ({ response: writeLogPart(part), isLast: part.kind === 'ends' }),
  );
}

function answerBackup({ backups, identify }: ServedHistory, call: BackupCall): void {
  const { atLeastEpoch, atLeastCounter } = call.request;
  answer(
    call,
    '',
    () => zxidOf(atLeastEpoch, atLeastCounter, 'at least'),
    (atLeast, stream: StreamedAnswer<BackupPart>) =>
      askedBy(identify, call, stream, (identities) => backups.backup(atLeast, stream, identities)),
    (part) => ({ response: writeBackupPart(part), isLast: part.kind === 'snapshotEnds' }),
  );
}

/** Begins when it is known who asks. */
function askedBy(
  identify: IdentifyCaller,
  call: Parameters<typeof originOf>[0],
  stream: Pick<StreamedAnswer<unknown>, 'failed'>,
  ask: (identities: Identities) => Sending,
): Sending {
  let sending: Sending | null = null;
  let isCancelled = false;
  identify(originOf(call), (caller) => {
    if (isCancelled) return;
    if ('refused' in caller) stream.failed(caller.refused.code, caller.refused.reason);
    else sending = ask(caller.identities);
  });
  return {
    drained: () => sending?.drained(),
    cancel: () => {
      isCancelled = true;
      sending?.cancel();
    },
  };
}

interface StreamedAnswer<Part> {
  part(part: Part): boolean;
  failed(code: ErrorCode, reason: string): void;
}

/** Reads the request, asks, and sends the parts of the answer; a client that is gone is not answered. */
function answer<Request, Response, Query, Part>(
  call: ServerWritableStream<Request, Response>,
  path: string,
  read: () => Query,
  ask: (query: Query, stream: StreamedAnswer<Part>) => Sending,
  write: (part: Part) => { readonly response: Response; readonly isLast: boolean },
): void {
  let isOver = false;
  const failed = (code: ErrorCode, reason: string): void => {
    if (isOver) return;
    isOver = true;
    call.emit('error', errorStatus({ failed: { code, reason }, path, zxid: ZXID_ZERO }));
  };
  call.on('error', () => undefined);
  let query: Query;
  try {
    query = read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    failed('badArguments', error.message);
    return;
  }
  const sending = ask(query, {
    failed,
    part(part) {
      if (isOver) return true;
      const { response, isLast } = write(part);
      const hasRoom = call.write(response);
      if (isLast) {
        isOver = true;
        call.end();
      }
      return hasRoom;
    },
  });
  call.on('drain', () => sending.drained());
  call.on('cancelled', () => {
    isOver = true;
    sending.cancel();
  });
}
