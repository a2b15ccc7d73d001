// What clients reach of the past: the changes of a znode, from the log of the replica.
import type { Server, ServerWritableStream } from '@grpc/grpc-js';
import { HistoryService } from '@paddock/contracts';
import type { paddock } from '@paddock/contracts';
import { ZXID_ZERO } from '@paddock/model';
import type { ErrorCode, LogQuery } from '@paddock/model';
import { errorStatus } from './error-status.ts';
import { addTypedService } from './typed-service.ts';
import { readLogQuery, writeLogPart, type LogPart } from './wire/history.ts';
import { WireError } from './wire/wire-error.ts';

/** Where the answer to a query goes. */
export interface LogReceiver {
  /** False: it is full, and `drained` will tell the search when it is not any more. */
  part(part: LogPart): boolean;
  /** Last of all, instead of the part that ends the answer. */
  failed(code: ErrorCode, reason: string): void;
}

/** A query under way. */
export interface LogSearching {
  drained(): void;
  /** Nobody wants the rest. */
  cancel(): void;
}

export interface HistoryApi {
  log(query: LogQuery, receiver: LogReceiver): LogSearching;
}

type Call = ServerWritableStream<
  paddock.client.v1.LogRequest,
  paddock.client.v1.LogResponse.$Properties
>;

export function serveHistory(server: Server, api: HistoryApi): void {
  addTypedService(server, HistoryService, { log: (call) => answerLog(api, call) });
}

function answerLog(api: HistoryApi, call: Call): void {
  let isOver = false;
  const fail = (code: ErrorCode, reason: string): void => {
    if (isOver) return;
    isOver = true;
    const { path } = call.request;
    call.emit('error', errorStatus({ failed: { code, reason }, path, zxid: ZXID_ZERO }));
  };
  call.on('error', () => undefined);
  let query: LogQuery;
  try {
    query = readLogQuery(call.request);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    fail('badArguments', error.message);
    return;
  }
  const searching = api.log(query, {
    part(part) {
      if (isOver) return true;
      const hasRoom = call.write(writeLogPart(part));
      if (part.kind === 'ends') {
        isOver = true;
        call.end();
      }
      return hasRoom;
    },
    failed: fail,
  });
  call.on('drain', () => searching.drained());
  call.on('cancelled', () => {
    isOver = true;
    searching.cancel();
  });
}
