// Session front-end → client, one message.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { NumberedResult, OperationResult, SessionReply } from '@paddock/model';
import {
  readClientOutcomes,
  readResult,
  writeClientOutcomes,
  writeResult,
} from './client-values.ts';
import { bytesOf, count64Of, durationOf, sessionOf, stagePathOf, zxidOf } from './fields.ts';
import type { MessageSink } from './link-format.ts';
import { readEvent, readWatches, writeEvent, writeWatches } from './watches.ts';
import { WireError } from './wire-error.ts';
import { endCauses } from './words.ts';

type WireMessage = paddock.client.v1.ServerMessage.$Properties;

const SECRET_BYTES_MAX = 64;
/** What a result takes beside its data, names or path, at most. */
const RESULT_BYTES = 96;

function resultBytes(result: OperationResult): number {
  switch (result.kind) {
    case 'data':
      return RESULT_BYTES + result.data.length;
    case 'created':
      return RESULT_BYTES + result.path.length;
    case 'children': {
      let bytes = RESULT_BYTES;
      for (const name of result.children) bytes += 2 + name.length;
      return bytes;
    }
    default:
      return RESULT_BYTES;
  }
}

/** Cut into runs where they would grow too large. */
function writeResults(
  results: readonly NumberedResult[],
  sink: MessageSink<WireMessage, unknown>,
): void {
  let run: paddock.client.v1.Result.$Properties[] = [];
  let bytes = 0;
  for (const result of results) {
    run.push(writeResult(result));
    bytes += resultBytes(result.result);
    if (bytes >= sink.cutBytes) {
      sink.add({ results: { results: run } });
      run = [];
      bytes = 0;
    }
  }
  if (run.length > 0) sink.add({ results: { results: run } });
}

export function writeServerMessage(
  reply: SessionReply,
  sink: MessageSink<WireMessage, unknown>,
): void {
  switch (reply.kind) {
    case 'results':
      writeResults(reply.results, sink);
      break;
    case 'event':
      sink.add({ event: writeEvent(reply.event) });
      break;
    case 'heartbeat':
      sink.add({ heartbeat: { acknowledged: reply.acknowledged } });
      break;
    case 'opened':
      sink.add({
        opened: {
          session: reply.session,
          secret: reply.secret,
          timeoutMs: reply.timeoutMs,
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
        },
      });
      break;
    case 'resumed':
      sink.add({
        resumed: {
          timeoutMs: reply.timeoutMs,
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
          lastSequence: reply.lastSequence,
          outcomes: writeClientOutcomes(reply.outcomes),
          more: reply.more,
        },
      });
      break;
    case 'watchesCompacted':
      sink.add({ watchesCompacted: { watches: writeWatches(reply.watches) } });
      break;
    case 'expect':
      sink.add({ expect: { sequence: reply.sequence, retryAfterMs: reply.retryAfterMs } });
      break;
    case 'ended':
      sink.add({
        ended: {
          cause: endCauses.write(reply.cause),
          reason: reply.reason,
          outcomes: writeClientOutcomes(reply.outcomes),
        },
      });
      break;
  }
}

export function readServerMessage(wire: paddock.client.v1.ServerMessage.$Shape): SessionReply {
  switch (wire.kind) {
    case 'results': {
      const results: NumberedResult[] = [];
      for (const result of wire.results.results ?? []) results.push(readResult(result));
      return { kind: 'results', results };
    }
    case 'event':
      return { kind: 'event', event: readEvent(wire.event) };
    case 'heartbeat':
      return {
        kind: 'heartbeat',
        acknowledged: count64Of(wire.heartbeat.acknowledged, 'acknowledged heartbeat'),
      };
    case 'opened':
      return {
        kind: 'opened',
        session: sessionOf(count64Of(wire.opened.session, 'session'), 'session'),
        secret: bytesOf(wire.opened.secret, SECRET_BYTES_MAX, 'secret'),
        timeoutMs: durationOf(wire.opened.timeoutMs, 'timeout'),
        zxid: zxidOf(wire.opened.zxidEpoch, wire.opened.zxidCounter, 'opened zxid'),
      };
    case 'resumed':
      return {
        kind: 'resumed',
        timeoutMs: durationOf(wire.resumed.timeoutMs, 'timeout'),
        zxid: zxidOf(wire.resumed.zxidEpoch, wire.resumed.zxidCounter, 'resumed zxid'),
        lastSequence: count64Of(wire.resumed.lastSequence, 'last sequence'),
        outcomes: readClientOutcomes(wire.resumed.outcomes),
        more: wire.resumed.more ?? false,
      };
    case 'watchesCompacted':
      return {
        kind: 'watchesCompacted',
        watches: readWatches(wire.watchesCompacted.watches, stagePathOf),
      };
    case 'expect':
      return {
        kind: 'expect',
        sequence: count64Of(wire.expect.sequence, 'expected sequence'),
        retryAfterMs: durationOf(wire.expect.retryAfterMs, 'retry after'),
      };
    case 'ended':
      return {
        kind: 'ended',
        cause: endCauses.read(wire.ended.cause),
        reason: wire.ended.reason ?? '',
        outcomes: readClientOutcomes(wire.ended.outcomes),
      };
    case undefined:
      throw new WireError('server message', 'has no kind');
  }
}
