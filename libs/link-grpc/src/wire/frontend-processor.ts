// Session front-end ↔ request processor: libs/model/src/links/frontend-processor.ts on the wire.
import { FrontendProcessorService, paddock } from '@paddock/contracts';
import { counterOf, epochOf, termEpoch, termIncarnation } from '@paddock/model';
import type {
  ProcessorReply,
  ProcessorRequest,
  ProcessorRequestBatch,
  SessionTouch,
  WriteOperation,
} from '@paddock/model';
import { toBuffer } from '../buffer.ts';
import { readAcl, readIdentities, readWholeAcl } from './acl.ts';
import {
  bytesOf,
  countOf,
  durationOf,
  expectedVersionOf,
  ordinalOf,
  sessionOf,
  stagePathOf,
  termOf,
  versionOrAnyOf,
  zxidOf,
} from './fields.ts';
import { linkFormat } from './link-format.ts';
import { readPlainRequest, writeWrite } from './plain/frontend-processor.ts';
import { batchReader, noneIsFrequent, orWireError, readMessages } from './plain/read-batch.ts';
import { WireReader } from './plain/wire-reader.ts';
import {
  readAttachment,
  readFailed,
  readTermOrNull,
  writeAttachment,
  writeTerm,
} from './stage-values.ts';
import { readStageSetQuota } from './quota.ts';
import { readStageTransaction } from './transaction.ts';
import { WireError } from './wire-error.ts';
import { createModes, errorCodes } from './words.ts';

const wire = paddock.frontend_processor.v1;

type WireRequest = paddock.frontend_processor.v1.ProcessorRequest.$Properties;
type WireReply = paddock.frontend_processor.v1.ProcessorReply.$Properties;

/** SHA-256. */
const SECRET_HASH_BYTES = 32;
/** A znode's data is bounded by the frame that it came in. */
const DATA_BYTES_MAX = Number.MAX_SAFE_INTEGER;

function writeRequest(request: Exclude<ProcessorRequest, { kind: 'write' }>): WireRequest {
  switch (request.kind) {
    case 'touch':
      return { touch: { round: request.round, touches: request.touches.map(writeTouch) } };
    case 'acknowledge':
      return {
        acknowledge: {
          session: request.session,
          attachment: writeAttachment(request.attachment),
          through: request.through,
        },
      };
    case 'readIndex':
      return { readIndex: request.request };
    case 'openSession':
      return {
        openSession: {
          session: request.session,
          secretHash: request.secretHash,
          timeoutMs: request.timeoutMs,
          attachment: writeAttachment(request.attachment),
        },
      };
    case 'resumeSession':
      return {
        resumeSession: {
          session: request.session,
          secretHash: request.secretHash,
          attachment: writeAttachment(request.attachment),
          ackedThrough: request.ackedThrough,
        },
      };
  }
}

function writeTouch(touch: SessionTouch): paddock.frontend_processor.v1.SessionTouch.$Properties {
  return { session: touch.session, attachment: writeAttachment(touch.attachment) };
}

function readRequest(
  message: paddock.frontend_processor.v1.ProcessorRequest.$Shape,
): ProcessorRequest {
  switch (message.kind) {
    case 'write':
      return {
        kind: 'write',
        session: sessionOf(message.write.session, 'write session'),
        attachment: readAttachment(message.write.attachment),
        sequence: ordinalOf(message.write.sequence, 'write sequence'),
        ackedThrough: countOf(message.write.ackedThrough, 'write acked through'),
        operation: readOperation(message.write),
        identities: readIdentities(message.write.identities),
      };
    case 'touch':
      return {
        kind: 'touch',
        round: countOf(message.touch.round, 'touch round'),
        touches: (message.touch.touches ?? []).map(readTouch),
      };
    case 'acknowledge':
      return {
        kind: 'acknowledge',
        session: sessionOf(message.acknowledge.session, 'acknowledge session'),
        attachment: readAttachment(message.acknowledge.attachment),
        through: countOf(message.acknowledge.through, 'acknowledge through'),
      };
    case 'readIndex':
      return { kind: 'readIndex', request: countOf(message.readIndex, 'read index request') };
    case 'openSession':
      return {
        kind: 'openSession',
        session: sessionOf(message.openSession.session, 'open session'),
        secretHash: bytesOf(message.openSession.secretHash, SECRET_HASH_BYTES, 'secret hash'),
        timeoutMs: durationOf(message.openSession.timeoutMs, 'open timeout'),
        attachment: readAttachment(message.openSession.attachment),
      };
    case 'resumeSession':
      return {
        kind: 'resumeSession',
        session: sessionOf(message.resumeSession.session, 'resume session'),
        secretHash: bytesOf(message.resumeSession.secretHash, SECRET_HASH_BYTES, 'secret hash'),
        attachment: readAttachment(message.resumeSession.attachment),
        ackedThrough: countOf(message.resumeSession.ackedThrough, 'resume acked through'),
      };
    case undefined:
      throw new WireError('processor request', 'has no kind');
  }
}

function readTouch(touch: paddock.frontend_processor.v1.SessionTouch.$Shape): SessionTouch {
  return {
    session: sessionOf(touch.session, 'touch session'),
    attachment: readAttachment(touch.attachment),
  };
}

function readOperation(write: paddock.frontend_processor.v1.Write.$Shape): WriteOperation {
  switch (write.operation) {
    case 'create':
      return {
        kind: 'create',
        path: stagePathOf(write.create.path, 'create path'),
        data: bytesOf(write.create.data, DATA_BYTES_MAX, 'create data'),
        mode: createModes.read(write.create.mode),
        ttlMs: countOf(write.create.ttlMs, 'create ttl'),
        acl: readAcl(write.create.acl),
      };
    case 'setData':
      return {
        kind: 'setData',
        path: stagePathOf(write.setData.path, 'set path'),
        data: bytesOf(write.setData.data, DATA_BYTES_MAX, 'set data'),
        version: expectedVersionOf(write.setData.version, 'set version'),
      };
    case 'delete':
      return {
        kind: 'delete',
        path: stagePathOf(write.delete.path, 'delete path'),
        version: expectedVersionOf(write.delete.version, 'delete version'),
      };
    case 'setAcl':
      return {
        kind: 'setAcl',
        path: stagePathOf(write.setAcl.path, 'set ACL path'),
        acl: readWholeAcl(write.setAcl.acl),
        version: versionOrAnyOf(write.setAcl.version),
      };
    case 'transaction':
      return readStageTransaction(write.transaction);
    case 'setQuota':
      return readStageSetQuota(write.setQuota);
    case 'refused':
      return { ...readFailed(write.refused), kind: 'refused' };
    case 'closeSession':
      return { kind: 'closeSession' };
    case undefined:
      throw new WireError('write operation', 'is missing');
  }
}

function writeReply(reply: ProcessorReply): WireReply {
  switch (reply.kind) {
    case 'touched':
      return { touched: reply.round };
    case 'termRefused':
      return {
        termRefused: { current: reply.current === null ? null : writeTerm(reply.current) },
      };
    case 'expect':
      return {
        expect: {
          session: reply.session,
          attachment: writeAttachment(reply.attachment),
          sequence: reply.sequence,
          retryAfterMs: reply.retryAfterMs,
        },
      };
    case 'verdict':
      return {
        verdict: {
          session: reply.session,
          attachment: writeAttachment(reply.attachment),
          code: errorCodes.write(reply.code),
          reason: reply.reason,
          basisEpoch: epochOf(reply.basis),
          basisCounter: counterOf(reply.basis),
          termEpoch: termEpoch(reply.term),
          termIncarnation: termIncarnation(reply.term),
        },
      };
    case 'readIndexFloor':
      return {
        readIndexFloor: {
          request: reply.request,
          floorEpoch: epochOf(reply.floor),
          floorCounter: counterOf(reply.floor),
        },
      };
  }
}

function readReply(message: paddock.frontend_processor.v1.ProcessorReply.$Shape): ProcessorReply {
  switch (message.kind) {
    case 'touched':
      return { kind: 'touched', round: countOf(message.touched, 'touched round') };
    case 'termRefused':
      return { kind: 'termRefused', current: readTermOrNull(message.termRefused.current) };
    case 'expect':
      return {
        kind: 'expect',
        session: sessionOf(message.expect.session, 'expect session'),
        attachment: readAttachment(message.expect.attachment),
        sequence: ordinalOf(message.expect.sequence, 'expect sequence'),
        retryAfterMs: durationOf(message.expect.retryAfterMs, 'expect retry after'),
      };
    case 'verdict': {
      const verdict = message.verdict;
      return {
        kind: 'verdict',
        session: sessionOf(verdict.session, 'verdict session'),
        attachment: readAttachment(verdict.attachment),
        code: errorCodes.read(verdict.code),
        reason: verdict.reason ?? '',
        basis: zxidOf(verdict.basisEpoch, verdict.basisCounter, 'verdict basis'),
        term: termOf(verdict.termEpoch, verdict.termIncarnation, 'verdict term'),
      };
    }
    case 'readIndexFloor': {
      const answer = message.readIndexFloor;
      return {
        kind: 'readIndexFloor',
        request: countOf(answer.request, 'read index request'),
        floor: zxidOf(answer.floorEpoch, answer.floorCounter, 'read index floor'),
      };
    }
    case undefined:
      throw new WireError('processor reply', 'has no kind');
  }
}

const requests = {
  message: wire.ProcessorRequest,
  batch: wire.LinkRequest,
  readPlain: readPlainRequest,
  read: readRequest,
};

function readBatch(bytes: Uint8Array): ProcessorRequestBatch {
  return (
    readPlainBatch(bytes) ??
    orWireError(() => {
      const batch = wire.LinkRequest.decode(bytes);
      return {
        term: termOf(batch.termEpoch, batch.termIncarnation, 'batch term'),
        messages: batch.messages.map(readRequest),
      };
    })
  );
}

/** As we write it: the term before the messages. Null where it is otherwise. */
function readPlainBatch(bytes: Uint8Array): ProcessorRequestBatch | null {
  try {
    const reader = new WireReader(toBuffer(bytes));
    const epoch = reader.fixed32(2);
    const term = termOf(epoch, reader.fixed32(3), 'batch term');
    const messages = readMessages(reader, requests);
    return messages === null ? null : { term, messages };
  } catch {
    return null;
  }
}

export const frontendProcessor = {
  method: FrontendProcessorService.link,
  dialler: linkFormat<ProcessorRequestBatch, ProcessorReply[]>({
    write: (batch, sink) => {
      const { term } = batch;
      sink.begin(term, (writer) => {
        writer.fixed32(2, termEpoch(term));
        writer.fixed32(3, termIncarnation(term));
      });
      for (const request of batch.messages) {
        if (request.kind === 'write') {
          writeWrite(sink.start(), request);
          sink.end();
        } else {
          sink.add(wire.ProcessorRequest, writeRequest(request));
        }
      }
    },
    read: batchReader({
      message: wire.ProcessorReply,
      batch: wire.LinkResponse,
      readPlain: noneIsFrequent,
      read: readReply,
    }),
  }),
  acceptor: linkFormat<ProcessorReply[], ProcessorRequestBatch>({
    write: (batch, sink) => {
      for (const reply of batch) sink.add(wire.ProcessorReply, writeReply(reply));
    },
    read: readBatch,
  }),
};
