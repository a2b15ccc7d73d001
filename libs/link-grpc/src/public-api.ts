// What clients reach: the session stream, and one call each for the simple things.
import type { Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import type { paddock } from '@paddock/contracts';
import { ZnodeService } from '@paddock/contracts';
import { counterOf, epochOf, resultBytes, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  ErrorCode,
  NumberedResult,
  SessionReply,
  SessionRequest,
  WatchEvent,
  Zxid,
} from '@paddock/model';
import type { LinkAcceptor } from '@paddock/ports';
import { sessionStreamBoundary } from './boundary.ts';
import { errorStatus } from './error-status.ts';
import { serveLink } from './link-server.ts';
import type { LinkLimits } from './stream-link.ts';
import { addTypedService, type HandlersOf } from './typed-service.ts';
import { writeClientStat, writeTransacted } from './wire/client-values.ts';
import {
  readCount,
  readCreate,
  readDelete,
  readEphemerals,
  readList,
  readQuotas,
  readRead,
  readSessions,
  readSetData,
  readSetQuota,
} from './wire/client-operation.ts';
import { presentOf, zxidOf } from './wire/fields.ts';
import { writeSessionInfo } from './wire/session-list.ts';
import { writeUses } from './wire/quota.ts';
import { readClientTransaction } from './wire/transaction.ts';
import { WireError } from './wire/wire-error.ts';
import { UnreadAnswers, type UnreadConnection } from './unread-answers.ts';
import { WatchStream } from './watch-stream.ts';

/** What happens to a sessionless watch. */
export interface UnaryWatchHandlers {
  opened(zxid: Zxid): void;
  event(event: WatchEvent): void;
  /** Last of all. `reason` may be empty. */
  ended(code: ErrorCode, reason: string): void;
}

/** Who answers calls without a session. Each returns what cancels it: then nothing more may be told. */
export interface UnaryHandlers {
  call(operation: ClientOperation, answer: (result: NumberedResult) => void): () => void;
  /** Events behind `from`; ZXID_ZERO asks for those from now on. */
  watch(path: string, from: Zxid, handlers: UnaryWatchHandlers): () => void;
}

export interface PublicApi {
  readonly sessions: LinkAcceptor<SessionReply[], SessionRequest[]>;
  readonly unary: UnaryHandlers;
  readonly limits: LinkLimits;
}

export function servePublicApi(server: Server, api: PublicApi): void {
  serveLink(server, sessionStreamBoundary, api.sessions, api.limits);
  const { unary, limits } = api;
  const unread = new UnreadAnswers(limits.slowReaderBytes);
  const handlers: HandlersOf<typeof ZnodeService> = {
    create: (call, answer) => {
      run(unary, call, answer, () => readCreate(call.request), createResponse);
    },
    get: (call, answer) => {
      run(unary, call, answer, () => readRead('getData', call.request), getResponse, unread);
    },
    set: (call, answer) => {
      run(unary, call, answer, () => readSetData(call.request), setResponse);
    },
    delete: (call, answer) => {
      run(unary, call, answer, () => readDelete(call.request), deleteResponse);
    },
    transact: (call, answer) => {
      run(unary, call, answer, () => readTransact(call.request), transactResponse, unread);
    },
    exists: (call, answer) => {
      run(unary, call, answer, () => readRead('exists', call.request), existsResponse);
    },
    list: (call, answer) => {
      run(unary, call, answer, () => readList(call.request), listResponse, unread);
    },
    count: (call, answer) => {
      run(unary, call, answer, () => readCount(call.request), countResponse);
    },
    ephemerals: (call, answer) => {
      const read = (): ClientOperation => readEphemerals(call.request, call.request.prefix || '/');
      run(unary, call, answer, read, ephemeralsResponse, unread);
    },
    sessions: (call, answer) => {
      run(unary, call, answer, () => readSessions(call.request), sessionsResponse, unread);
    },
    setQuota: (call, answer) => {
      run(unary, call, answer, () => readSetQuota(call.request), setQuotaResponse);
    },
    quotas: (call, answer) => {
      run(unary, call, answer, () => readQuotas(call.request), quotasResponse, unread);
    },
    sync: (call, answer) => {
      run(unary, call, answer, () => ({ kind: 'sync' }), syncResponse);
    },
    watch: (call) => watch(unary, call, limits),
  };
  // As a message of a session's stream: what a stage passes on to the next one fits their link.
  addTypedService(server, ZnodeService, handlers, limits.linkMessageBytes);
}

/**
 * One call: reads the request, asks, answers once; a client that is gone is not answered. With `unread` the answer may
 * be large, and the call waits until its connection has read enough of those before.
 */
function run<Request, Response>(
  unary: UnaryHandlers,
  call: ServerUnaryCall<Request, Response>,
  answer: sendUnaryData<Response>,
  read: () => ClientOperation,
  respond: (result: NumberedResult) => Response | undefined,
  unread?: UnreadAnswers,
): void {
  let operation: ClientOperation;
  try {
    operation = read();
  } catch (error) {
    answer(malformed(error));
    return;
  }
  const path = 'path' in operation ? operation.path : '';
  let isOver = false;
  let abandon = (): void => undefined;
  const start = (connection?: UnreadConnection): void => {
    if (isOver) {
      connection?.abandoned();
      return;
    }
    const cancel = unary.call(operation, (result) => {
      if (isOver) return;
      isOver = true;
      const response = respond(result);
      if (response === undefined) answer(refused(result, path));
      else answer(null, response);
      connection?.answered(call, resultBytes(result.result));
    });
    abandon = () => {
      cancel();
      connection?.abandoned();
    };
  };
  call.on('cancelled', () => {
    if (isOver) return;
    isOver = true;
    abandon();
  });
  if (unread === undefined) start();
  else unread.admit(call, start);
}

function watch(
  unary: UnaryHandlers,
  call: ServerWritableStream<
    paddock.client.v1.WatchRequest,
    paddock.client.v1.WatchResponse.$Properties
  >,
  limits: LinkLimits,
): void {
  const { path, fromEpoch, fromCounter } = call.request;
  const stream = new WatchStream(call, path, limits.slowReaderBytes);
  let from: Zxid;
  try {
    from = zxidOf(fromEpoch, fromCounter, 'from');
  } catch (error) {
    stream.fail(malformed(error));
    return;
  }
  stream.cancelWith(unary.watch(path, from, stream));
}

function malformed(error: unknown): ReturnType<typeof errorStatus> {
  if (!(error instanceof WireError)) throw error;
  const failed = { code: 'marshallingError', reason: error.message } as const;
  return errorStatus({ failed, path: '', zxid: ZXID_ZERO });
}

function refused(numbered: NumberedResult, path: string): ReturnType<typeof errorStatus> {
  const { result, zxid } = numbered;
  if (result.kind === 'failed') return errorStatus({ failed: result, path, zxid });
  const reason = `the answer was of the kind ${result.kind}`;
  return errorStatus({ failed: { code: 'systemError', reason }, path, zxid });
}

function createResponse({
  result,
}: NumberedResult): paddock.client.v1.CreateResponse.$Properties | undefined {
  if (result.kind !== 'created') return undefined;
  return { path: result.path, stat: writeClientStat(result.stat) };
}

function getResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.GetResponse.$Properties | undefined {
  if (result.kind !== 'data') return undefined;
  return {
    data: result.data,
    stat: writeClientStat(result.stat),
    zxidEpoch: epochOf(zxid),
    zxidCounter: counterOf(zxid),
    readOnly: readOnly ?? false,
  };
}

function setResponse({
  result,
}: NumberedResult): paddock.client.v1.SetResponse.$Properties | undefined {
  return result.kind === 'dataSet' ? { stat: writeClientStat(result.stat) } : undefined;
}

function deleteResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.DeleteResponse.$Properties | undefined {
  if (result.kind !== 'deleted') return undefined;
  return { zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) };
}

/** That there is none is an answer here, and no error. */
function existsResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.ExistsResponse.$Properties | undefined {
  const zxidEpoch = epochOf(zxid);
  const zxidCounter = counterOf(zxid);
  if (result.kind === 'stat') {
    return {
      exists: true,
      stat: writeClientStat(result.stat),
      zxidEpoch,
      zxidCounter,
      readOnly: readOnly ?? false,
    };
  }
  if (result.kind !== 'failed' || result.code !== 'noNode') return undefined;
  return { exists: false, zxidEpoch, zxidCounter, readOnly: readOnly ?? false };
}

function listResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.ListResponse.$Properties | undefined {
  if (result.kind !== 'children' && result.kind !== 'childrenPage') return undefined;
  return {
    more: result.kind === 'childrenPage' && result.more,
    children: result.children.slice(),
    stat: writeClientStat(result.stat),
    zxidEpoch: epochOf(zxid),
    zxidCounter: counterOf(zxid),
    readOnly: readOnly ?? false,
  };
}

function countResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.CountResponse.$Properties | undefined {
  if (result.kind !== 'descendants') return undefined;
  return {
    descendants: result.descendants,
    subtreeBytes: result.subtreeBytes,
    stat: writeClientStat(result.stat),
    zxidEpoch: epochOf(zxid),
    zxidCounter: counterOf(zxid),
    readOnly: readOnly ?? false,
  };
}

function ephemeralsResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.EphemeralsResponse.$Properties | undefined {
  if (result.kind !== 'ephemerals') return undefined;
  const paths = result.paths.slice();
  return {
    paths,
    zxidEpoch: epochOf(zxid),
    zxidCounter: counterOf(zxid),
    readOnly: readOnly ?? false,
  };
}

function sessionsResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.SessionsResponse.$Properties | undefined {
  if (result.kind !== 'sessions') return undefined;
  const { more } = result;
  const sessions = result.sessions.map(writeSessionInfo);
  return {
    sessions,
    more,
    zxidEpoch: epochOf(zxid),
    zxidCounter: counterOf(zxid),
    readOnly: readOnly ?? false,
  };
}

function setQuotaResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.SetQuotaResponse.$Properties | undefined {
  if (result.kind !== 'quotaSet') return undefined;
  return { zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) };
}

function quotasResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.QuotasResponse.$Properties | undefined {
  if (result.kind !== 'quotas') return undefined;
  const quotas = writeUses(result.quotas);
  return { quotas, zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) };
}

function readTransact(request: paddock.client.v1.TransactRequest.$Shape): ClientOperation {
  return readClientTransaction(presentOf(request.transaction, 'transaction'));
}

function transactResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.TransactResponse.$Properties | undefined {
  if (result.kind !== 'transacted') return undefined;
  return { ...writeTransacted(result), zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) };
}

function syncResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.SyncResponse.$Properties | undefined {
  if (result.kind !== 'synced') return undefined;
  return { zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) };
}
