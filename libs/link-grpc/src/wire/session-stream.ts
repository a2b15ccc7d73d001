// Client ↔ session front-end: libs/model/src/links/session-stream.ts on the wire. Everything from a
// client is checked here or, where a bad value is an answer in the order, by the front-end.
import { paddock, SessionService } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { ClientOperation, SessionReply, SessionRequest } from '@paddock/model';
import { readOperation, writeOperation } from './client-operation.ts';
import {
  bytesOf,
  clientPathOf,
  count64Of,
  durationOf,
  presentOf,
  sessionOf,
  word,
  zxidOf,
} from './fields.ts';
import { linkFormat, type MessageSink } from './link-format.ts';
import { readServerMessage, writeServerMessage } from './server-message.ts';
import { writeWatches, readWatches } from './watches.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.client.v1;

type WireMessage = paddock.client.v1.ClientMessage.$Properties;

const SECRET_BYTES_MAX = 64;
/** What an operation takes beside its path and data, at most. */
const OPERATION_BYTES = 32;

function isWrite(operation: ClientOperation): boolean {
  switch (operation.kind) {
    case 'create':
    case 'setData':
    case 'delete':
    case 'closeSession':
      return true;
    default:
      return false;
  }
}

function operationBytes(operation: ClientOperation): number {
  switch (operation.kind) {
    case 'create':
    case 'setData':
      return OPERATION_BYTES + operation.path.length + operation.data.length;
    case 'delete':
    case 'getData':
    case 'exists':
    case 'getChildren':
      return OPERATION_BYTES + operation.path.length;
    default:
      return OPERATION_BYTES;
  }
}

/** Cut into runs where they would grow too large; each run names the sequence of its own first write. */
function writeOperations(
  request: Extract<SessionRequest, { kind: 'operations' }>,
  sink: MessageSink<WireMessage, unknown>,
): void {
  let firstSequence = request.firstSequence;
  const { ackedThrough } = request;
  let operations: paddock.client.v1.Operation.$Properties[] = [];
  let writes = 0;
  let bytes = 0;
  for (const operation of request.operations) {
    operations.push(writeOperation(operation));
    if (isWrite(operation)) writes++;
    bytes += operationBytes(operation);
    if (bytes >= sink.cutBytes) {
      sink.add({ operations: { firstSequence, ackedThrough, operations } });
      firstSequence += writes;
      operations = [];
      writes = 0;
      bytes = 0;
    }
  }
  if (operations.length > 0) sink.add({ operations: { firstSequence, ackedThrough, operations } });
}

function writeRequest(request: SessionRequest, sink: MessageSink<WireMessage, unknown>): void {
  switch (request.kind) {
    case 'operations':
      writeOperations(request, sink);
      break;
    case 'heartbeat':
      sink.add({ heartbeat: { number: request.number } });
      break;
    case 'open':
      sink.add({ open: { timeoutMs: request.timeoutMs } });
      break;
    case 'resume':
      sink.add({
        resume: {
          session: request.session,
          secret: request.secret,
          attempt: request.attempt,
          ackedThrough: request.ackedThrough,
          floorEpoch: epochOf(request.floor),
          floorCounter: counterOf(request.floor),
          watches: writeWatches(request.watches),
        },
      });
      break;
  }
}

function readRequest(message: paddock.client.v1.ClientMessage.$Shape): SessionRequest {
  switch (message.kind) {
    case 'operations': {
      const operations: ClientOperation[] = [];
      for (const operation of message.operations.operations ?? []) {
        operations.push(readOperation(operation));
      }
      return {
        kind: 'operations',
        firstSequence: count64Of(message.operations.firstSequence, 'first sequence'),
        ackedThrough: count64Of(message.operations.ackedThrough, 'acked through'),
        operations,
      };
    }
    case 'heartbeat':
      return { kind: 'heartbeat', number: count64Of(message.heartbeat.number, 'heartbeat number') };
    case 'open':
      return { kind: 'open', timeoutMs: durationOf(message.open.timeoutMs, 'timeout') };
    case 'resume': {
      const resume = message.resume;
      return {
        kind: 'resume',
        session: sessionOf(count64Of(resume.session, 'session'), 'session'),
        secret: bytesOf(resume.secret, SECRET_BYTES_MAX, 'secret'),
        attempt: word(resume.attempt),
        ackedThrough: count64Of(resume.ackedThrough, 'acked through'),
        floor: zxidOf(resume.floorEpoch, resume.floorCounter, 'floor'),
        watches: readWatches(resume.watches, clientPathOf),
      };
    }
    case undefined:
      throw new WireError('message', 'has no kind');
  }
}

function readRequests(bytes: Uint8Array): SessionRequest[] {
  const requests: SessionRequest[] = [];
  for (const message of wire.SessionRequest.decode(bytes).messages) {
    requests.push(readRequest(presentOf(message, 'message')));
  }
  return requests;
}

function readReplies(bytes: Uint8Array): SessionReply[] {
  const replies: SessionReply[] = [];
  for (const message of wire.SessionResponse.decode(bytes).messages) {
    replies.push(readServerMessage(message));
  }
  return replies;
}

export const sessionStream = {
  method: SessionService.session,
  dialler: linkFormat<
    SessionRequest[],
    SessionReply[],
    WireMessage,
    paddock.client.v1.SessionRequest.$Properties
  >({
    message: wire.ClientMessage,
    batch: wire.SessionRequest,
    write: (batch, sink) => {
      for (const request of batch) writeRequest(request, sink);
    },
    read: readReplies,
  }),
  acceptor: linkFormat<
    SessionReply[],
    SessionRequest[],
    paddock.client.v1.ServerMessage.$Properties,
    paddock.client.v1.SessionResponse.$Properties
  >({
    message: wire.ServerMessage,
    batch: wire.SessionResponse,
    write: (batch, sink) => {
      for (const reply of batch) writeServerMessage(reply, sink);
    },
    read: readRequests,
  }),
};
