// Session front-end → client, one message.
import { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { NumberedResult, SessionReply } from '@paddock/model';
import { readClientOutcomes, readResult } from './client-values.ts';
import {
  bytesOf,
  count64Of,
  durationOf,
  isPresent,
  sessionOf,
  stagePathOf,
  zxidOf,
} from './fields.ts';
import type { MessageSink } from './link-format.ts';
import { writeClientOutcome } from './plain/client-values.ts';
import { writeResults } from './plain/session-stream.ts';
import { writeFailed, writeZxid } from './plain/stage-values.ts';
import { writeEvent } from './plain/watches.ts';
import type { WireWriter } from './plain/wire-writer.ts';
import { readFailed } from './stage-values.ts';
import { readEvent, readWatches, writeWatches } from './watches.ts';
import { WireError } from './wire-error.ts';
import { endCauses } from './words.ts';

const wire = paddock.client.v1;

const SECRET_BYTES_MAX = 64;
export function writeServerMessage(reply: SessionReply, sink: MessageSink): void {
  switch (reply.kind) {
    case 'results':
      writeResults(reply.results, sink);
      break;
    case 'event':
      writeEvent(sink.start(), 2, reply.event);
      sink.end();
      break;
    case 'heartbeat':
      sink.add(wire.ServerMessage, {
        heartbeat: {
          acknowledged: reply.acknowledged,
          coveredEpoch: epochOf(reply.covered),
          coveredCounter: counterOf(reply.covered),
        },
      });
      break;
    case 'opened':
      sink.add(wire.ServerMessage, {
        opened: {
          session: reply.session,
          secret: reply.secret,
          timeoutMs: reply.timeoutMs,
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
          local: reply.isLocal ?? false,
        },
      });
      break;
    case 'upgraded':
      sink.add(wire.ServerMessage, {
        upgraded: { zxidEpoch: epochOf(reply.zxid), zxidCounter: counterOf(reply.zxid) },
      });
      break;
    case 'readOnly':
      sink.add(wire.ServerMessage, { readOnly: { timeoutMs: reply.timeoutMs } });
      break;
    case 'resumed':
      writeResumed(sink.start(), reply);
      sink.end();
      break;
    case 'watchesCompacted':
      sink.add(wire.ServerMessage, { watchesCompacted: { watches: writeWatches(reply.watches) } });
      break;
    case 'expect':
      sink.add(wire.ServerMessage, {
        expect: { sequence: reply.sequence, retryAfterMs: reply.retryAfterMs },
      });
      break;
    case 'ended':
      writeEnded(sink.start(), reply);
      sink.end();
      break;
  }
}

function writeResumed(
  writer: WireWriter,
  resumed: Extract<SessionReply, { kind: 'resumed' }>,
): void {
  writer.open(5);
  writer.uint32(1, resumed.timeoutMs);
  writeZxid(writer, 2, resumed.zxid);
  writer.count64(4, resumed.lastSequence);
  for (const outcome of resumed.outcomes) writeClientOutcome(writer, 5, outcome);
  writer.bool(6, resumed.more);
  writer.close();
}

function writeEnded(writer: WireWriter, ended: Extract<SessionReply, { kind: 'ended' }>): void {
  writer.open(8);
  writer.uint32(1, endCauses.write(ended.cause));
  writer.text(2, ended.reason);
  for (const outcome of ended.outcomes) writeClientOutcome(writer, 3, outcome);
  if (ended.refusal !== undefined) writeFailed(writer, 4, ended.refusal);
  writer.close();
}

export function readServerMessage(message: paddock.client.v1.ServerMessage.$Shape): SessionReply {
  switch (message.kind) {
    case 'results': {
      const results: NumberedResult[] = [];
      for (const result of message.results.results ?? []) results.push(readResult(result));
      return { kind: 'results', results };
    }
    case 'event':
      return { kind: 'event', event: readEvent(message.event) };
    case 'heartbeat':
      return {
        kind: 'heartbeat',
        acknowledged: count64Of(message.heartbeat.acknowledged, 'acknowledged heartbeat'),
        covered: zxidOf(
          message.heartbeat.coveredEpoch,
          message.heartbeat.coveredCounter,
          'covered',
        ),
      };
    case 'opened':
      return {
        kind: 'opened',
        session: sessionOf(count64Of(message.opened.session, 'session'), 'session'),
        secret: bytesOf(message.opened.secret, SECRET_BYTES_MAX, 'secret'),
        timeoutMs: durationOf(message.opened.timeoutMs, 'timeout'),
        zxid: zxidOf(message.opened.zxidEpoch, message.opened.zxidCounter, 'opened zxid'),
        ...(message.opened.local === true ? { isLocal: true } : {}),
      };
    case 'upgraded': {
      const { zxidEpoch, zxidCounter } = message.upgraded;
      return { kind: 'upgraded', zxid: zxidOf(zxidEpoch, zxidCounter, 'upgraded zxid') };
    }
    case 'readOnly':
      return {
        kind: 'readOnly',
        timeoutMs: durationOf(message.readOnly.timeoutMs, 'timeout'),
      };
    case 'resumed':
      return {
        kind: 'resumed',
        timeoutMs: durationOf(message.resumed.timeoutMs, 'timeout'),
        zxid: zxidOf(message.resumed.zxidEpoch, message.resumed.zxidCounter, 'resumed zxid'),
        lastSequence: count64Of(message.resumed.lastSequence, 'last sequence'),
        outcomes: readClientOutcomes(message.resumed.outcomes),
        more: message.resumed.more ?? false,
      };
    case 'watchesCompacted':
      return {
        kind: 'watchesCompacted',
        watches: readWatches(message.watchesCompacted.watches, stagePathOf),
      };
    case 'expect':
      return {
        kind: 'expect',
        sequence: count64Of(message.expect.sequence, 'expected sequence'),
        retryAfterMs: durationOf(message.expect.retryAfterMs, 'retry after'),
      };
    case 'ended':
      return {
        kind: 'ended',
        cause: endCauses.read(message.ended.cause),
        reason: message.ended.reason ?? '',
        outcomes: readClientOutcomes(message.ended.outcomes),
        ...(isPresent(message.ended.refusal) ? { refusal: readFailed(message.ended.refusal) } : {}),
      };
    case undefined:
      throw new WireError('server message', 'has no kind');
  }
}
