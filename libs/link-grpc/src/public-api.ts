// What clients reach: the session stream, and one call each for the simple things.
import type {
  Server,
  ServerUnaryCall,
  ServerWritableStream,
  StatusObject,
  sendUnaryData,
} from '@grpc/grpc-js';
import type { paddock } from '@paddock/contracts';
import { ZnodeService } from '@paddock/contracts';
import { resultBytes, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  ErrorCode,
  Failed,
  NumberedResult,
  ProvedIdentities,
  SessionReply,
  SessionRequest,
  ShownZnode,
  WatchEvent,
  WatchTerms,
  Zxid,
} from '@paddock/model';
import type { LinkAcceptor } from '@paddock/ports';
import { sessionStreamBoundary } from './boundary.ts';
import { errorStatus } from './error-status.ts';
import { serveLink } from './link-server.ts';
import type { LinkLimits } from './stream-link.ts';
import { IDENTIFY_NOBODY, originOf } from './peer-identities.ts';
import type { IdentifyCaller } from './peer-identities.ts';
import { addTypedService, type HandlersOf } from './typed-service.ts';
import {
  readCan,
  readCount,
  readCreate,
  readDelete,
  readEphemerals,
  readGetAcl,
  readList,
  readQuotas,
  readRead,
  readReadMany,
  readSessions,
  readSetAcl,
  readSetData,
  readSetQuota,
} from './wire/client-operation.ts';
import { presentOf, zxidOf } from './wire/fields.ts';
import { readSnapshotRequest } from './wire/subtree.ts';
import { readClientTransaction } from './wire/transaction.ts';
import { readWatchTerms } from './wire/watches.ts';
import { WireError } from './wire/wire-error.ts';
import {
  canResponse,
  countResponse,
  createResponse,
  deleteResponse,
  ephemeralsResponse,
  existsResponse,
  getAclResponse,
  getResponse,
  listResponse,
  quotasResponse,
  readManyResponse,
  sessionsResponse,
  setAclResponse,
  setQuotaResponse,
  setResponse,
  syncResponse,
  transactResponse,
  whoAmIResponse,
} from './unary-responses.ts';
import { UnreadAnswers, type UnreadConnection } from './unread-answers.ts';
import { SnapshotStream } from './snapshot-stream.ts';
import { WatchStream } from './watch-stream.ts';

/** What happens to a sessionless watch. */
export interface UnaryWatchHandlers {
  opened(zxid: Zxid): void;
  event(event: WatchEvent, shown?: ShownZnode): void;
  /** Every event up to here was told. */
  progress(zxid: Zxid): void;
  /** Last of all. `reason` may be empty. */
  ended(code: ErrorCode, reason: string, oldest?: Zxid): void;
}

/** Who answers calls without a session. Each returns what cancels it: then nothing more may be told. */
export interface UnaryHandlers {
  call(
    operation: ClientOperation,
    answer: (result: NumberedResult) => void,
    identities: ProvedIdentities,
  ): () => void;
  /** Events behind `from`; ZXID_ZERO asks for those from now on. */
  watch(
    path: string,
    from: Zxid,
    handlers: UnaryWatchHandlers,
    identities: ProvedIdentities,
    terms?: WatchTerms,
  ): () => void;
}

export interface PublicApi {
  readonly sessions: LinkAcceptor<SessionReply[], SessionRequest[]>;
  readonly unary: UnaryHandlers;
  /** Absent: nobody is known. */
  readonly identify?: IdentifyCaller;
  readonly limits: LinkLimits;
}

interface Identified {
  readonly handlers: UnaryHandlers;
  readonly identify: IdentifyCaller;
}

export function servePublicApi(server: Server, api: PublicApi): void {
  const { limits, identify = IDENTIFY_NOBODY } = api;
  serveLink(server, sessionStreamBoundary, api.sessions, limits, null, identify);
  const unary: Identified = { handlers: api.unary, identify };
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
    readMany: (call, answer) => {
      run(unary, call, answer, () => readReadMany(call.request), readManyResponse, unread);
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
    setAcl: (call, answer) => {
      run(unary, call, answer, () => readSetAcl(call.request), setAclResponse);
    },
    getAcl: (call, answer) => {
      run(unary, call, answer, () => readGetAcl(call.request), getAclResponse, unread);
    },
    can: (call, answer) => {
      run(unary, call, answer, () => readCan(call.request), canResponse);
    },
    whoAmI: (call, answer) => {
      run(unary, call, answer, () => ({ kind: 'whoAmI' }), whoAmIResponse);
    },
    snapshot: (call) => snapshot(unary, call),
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
  { handlers, identify }: Identified,
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
  const start = (identities: ProvedIdentities, connection?: UnreadConnection): void => {
    if (isOver) {
      connection?.abandoned();
      return;
    }
    const tell = (result: NumberedResult): void => {
      if (isOver) return;
      isOver = true;
      const response = respond(result);
      if (response === undefined) answer(refused(result, path));
      else answer(null, response);
      connection?.answered(call, resultBytes(result.result));
    };
    const cancel = handlers.call(operation, tell, identities);
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
  identify(originOf(call), (caller) => {
    if (isOver) return;
    if ('refused' in caller) {
      isOver = true;
      answer(unidentified(caller.refused, path));
    } else if (unread === undefined) start(caller.identities);
    else unread.admit(call, (connection) => start(caller.identities, connection));
  });
}

function watch(
  { handlers, identify }: Identified,
  call: ServerWritableStream<
    paddock.client.v1.WatchRequest,
    paddock.client.v1.WatchResponse.$Properties
  >,
  limits: LinkLimits,
): void {
  const { path, fromEpoch, fromCounter } = call.request;
  const stream = new WatchStream(call, path, limits.slowReaderBytes);
  let from: Zxid;
  let terms: WatchTerms | undefined;
  try {
    from = zxidOf(fromEpoch, fromCounter, 'from');
    terms = readWatchTerms(call.request.terms);
  } catch (error) {
    stream.fail(malformed(error));
    return;
  }
  identify(originOf(call), (caller) => {
    if (call.cancelled) return;
    if ('refused' in caller) stream.fail(unidentified(caller.refused, path));
    else stream.cancelWith(handlers.watch(path, from, stream, caller.identities, terms));
  });
}

function snapshot(
  { handlers, identify }: Identified,
  call: ServerWritableStream<
    paddock.client.v1.SnapshotRequest,
    paddock.client.v1.SnapshotResponse.$Properties
  >,
): void {
  const { path } = call.request;
  const fail = (ended: StatusObject): void => void call.emit('error', ended);
  let request: ReturnType<typeof readSnapshotRequest>;
  try {
    request = readSnapshotRequest(call.request);
  } catch (error) {
    fail(malformed(error));
    return;
  }
  identify(originOf(call), (caller) => {
    if (call.cancelled) return;
    if ('refused' in caller) {
      fail(unidentified(caller.refused, path));
      return;
    }
    new SnapshotStream(
      call,
      request,
      (operation, answer) => handlers.call(operation, answer, caller.identities),
      (result) => refused(result, path),
    );
  });
}

function unidentified(failed: Failed, path: string): ReturnType<typeof errorStatus> {
  return errorStatus({ failed, path, zxid: ZXID_ZERO });
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

function readTransact(request: paddock.client.v1.TransactRequest.$Shape): ClientOperation {
  return readClientTransaction(presentOf(request.transaction, 'transaction'));
}
