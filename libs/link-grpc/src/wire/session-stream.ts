// Client ↔ session front-end: libs/model/src/links/session-stream.ts on the wire. Everything from a
// client is checked here or, where a bad value is an answer in the order, by the front-end.
import { paddock, SessionService } from '@paddock/contracts';
import { counterOf, epochOf, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, SessionReply, SessionRequest } from '@paddock/model';
import { readCredentials, writeCredentials } from './acl.ts';
import { readOperation } from './client-operation.ts';
import { bytesOf, clientPathOf, count64Of, durationOf, sessionOf, word, zxidOf } from './fields.ts';
import { linkFormat, type MessageSink } from './link-format.ts';
import { batchReader } from './plain/read-batch.ts';
import { readPlainReply, readPlainRequest, writeOperations } from './plain/session-stream.ts';
import { readServerMessage, writeServerMessage } from './server-message.ts';
import { writeWatches, readWatches } from './watches.ts';
import { WireError } from './wire-error.ts';
import { watchKinds } from './words.ts';

const wire = paddock.client.v1;

const SECRET_BYTES_MAX = 64;
function writeRequest(request: SessionRequest, sink: MessageSink): void {
  switch (request.kind) {
    case 'operations':
      writeOperations(request, sink);
      break;
    case 'heartbeat':
      sink.add(wire.ClientMessage, { heartbeat: { number: request.number } });
      break;
    case 'unwatch':
      sink.add(wire.ClientMessage, {
        unwatch: { path: request.path, kind: watchKinds.write(request.watch) },
      });
      break;
    case 'upgrade':
      sink.add(wire.ClientMessage, { upgrade: {} });
      break;
    case 'open':
      sink.add(wire.ClientMessage, {
        open: {
          timeoutMs: request.timeoutMs,
          credentials: writeCredentials(request.credentials),
          acceptReadOnly: request.acceptsReadOnly ?? false,
          floorEpoch: epochOf(request.floor ?? ZXID_ZERO),
          floorCounter: counterOf(request.floor ?? ZXID_ZERO),
          local: request.local !== undefined,
          watches: writeWatches(request.local?.watches ?? []),
        },
      });
      break;
    case 'resume':
      sink.add(wire.ClientMessage, {
        resume: {
          session: request.session,
          secret: request.secret,
          attempt: request.attempt,
          ackedThrough: request.ackedThrough,
          floorEpoch: epochOf(request.floor),
          floorCounter: counterOf(request.floor),
          watches: writeWatches(request.watches),
          credentials: writeCredentials(request.credentials),
          acceptReadOnly: request.acceptsReadOnly ?? false,
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
    case 'unwatch':
      return {
        kind: 'unwatch',
        path: message.unwatch.path ?? '',
        watch: watchKinds.read(message.unwatch.kind),
      };
    case 'upgrade':
      return { kind: 'upgrade' };
    case 'open': {
      const floor = zxidOf(message.open.floorEpoch, message.open.floorCounter, 'floor');
      return {
        kind: 'open',
        timeoutMs: durationOf(message.open.timeoutMs, 'timeout'),
        credentials: readCredentials(message.open.credentials),
        ...(message.open.acceptReadOnly === true ? { acceptsReadOnly: true } : {}),
        ...(floor === ZXID_ZERO ? {} : { floor }),
        ...(message.open.local === true
          ? { local: { watches: readWatches(message.open.watches, clientPathOf) } }
          : {}),
      };
    }
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
        credentials: readCredentials(resume.credentials),
        ...(resume.acceptReadOnly === true ? { acceptsReadOnly: true } : {}),
      };
    }
    case undefined:
      throw new WireError('message', 'has no kind');
  }
}

export const sessionStream = {
  method: SessionService.session,
  dialler: linkFormat<SessionRequest[], SessionReply[]>({
    write: (batch, sink) => {
      for (const request of batch) writeRequest(request, sink);
    },
    read: batchReader({
      message: wire.ServerMessage,
      batch: wire.SessionResponse,
      readPlain: readPlainReply,
      read: readServerMessage,
    }),
  }),
  acceptor: linkFormat<SessionReply[], SessionRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) writeServerMessage(reply, sink);
    },
    read: batchReader({
      message: wire.ClientMessage,
      batch: wire.SessionRequest,
      readPlain: readPlainRequest,
      read: readRequest,
    }),
  }),
};
