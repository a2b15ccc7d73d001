import {
  DEFAULT_LIMITS,
  makeTerm,
  makeZxid,
  type LeaderMessage,
  type LogEntry,
  type ProcessorRequest,
  type SnapshotReply,
} from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broadcastBoundary,
  databaseBroadcasterBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
  frontendBroadcasterBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
  sessionStreamBoundary,
} from '../src/index.ts';
import type { LinkFormat } from '../src/wire/link-format.ts';
import * as arbitrary from './arbitrary-messages.ts';

const LIMITS = { batchBytes: 64 * 1024, batchOperations: 1024 };
const RUNS = { numRuns: 150 };

/** Everything that leaves one end, as the other end reads it: batch by batch. */
function carry<Send, Receive>(
  from: LinkFormat<Send, unknown>,
  to: LinkFormat<unknown, Receive>,
  batches: readonly Send[],
  limits = LIMITS,
): Receive[] {
  const outgoing = from.outgoing(limits);
  for (const batch of batches) outgoing.write(batch);
  const received: Receive[] = [];
  for (let bytes = outgoing.take(); bytes !== undefined; bytes = outgoing.take()) {
    received.push(to.read(bytes));
  }
  expect(outgoing.bytes).toBe(0);
  return received;
}

function roundTrips<Message>(
  name: string,
  from: LinkFormat<Message[], unknown>,
  to: LinkFormat<unknown, Message[]>,
  message: Arbitrary<Message>,
): void {
  it(`${name} arrive as they were sent`, () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (batch) => {
        expect(carry(from, to, [batch]).flat()).toEqual(batch);
      }),
      RUNS,
    );
  });
}

describe('the messages of each boundary', () => {
  const fd = frontendDatabaseBoundary;
  roundTrips('database requests', fd.dialler, fd.acceptor, arbitrary.databaseRequest);
  roundTrips('database replies', fd.acceptor, fd.dialler, arbitrary.databaseReply);

  const fp = frontendProcessorBoundary;
  roundTrips('processor replies', fp.acceptor, fp.dialler, arbitrary.processorReply);
  it('processor requests arrive as they were sent, under their term', () => {
    const messages = fc.array(arbitrary.processorRequest, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(arbitrary.term, messages, (term, sent) => {
        const batch = { term, messages: sent };
        expect(carry(fp.dialler, fp.acceptor, [batch])).toEqual([batch]);
      }),
      RUNS,
    );
  });

  const pd = processorDatabaseBoundary;
  roundTrips('look-up requests', pd.dialler, pd.acceptor, arbitrary.lookUpRequest);
  roundTrips('look-up replies', pd.acceptor, pd.dialler, arbitrary.lookUpReply);

  const pb = processorBroadcasterBoundary;
  roundTrips('broadcast requests', pb.dialler, pb.acceptor, arbitrary.broadcastRequest);
  roundTrips('broadcast replies', pb.acceptor, pb.dialler, arbitrary.broadcastReply);

  const db = databaseBroadcasterBoundary;
  roundTrips('delivery requests', db.dialler, db.acceptor, arbitrary.deliveryRequest);
  roundTrips('delivery replies', db.acceptor, db.dialler, arbitrary.deliveryReply);

  const el = electionBoundary;
  roundTrips('election requests', el.dialler, el.acceptor, arbitrary.electionRequest);
  roundTrips('election replies', el.acceptor, el.dialler, arbitrary.electionReply);

  const bc = broadcastBoundary;
  roundTrips('messages of a learner', bc.dialler, bc.acceptor, arbitrary.learnerMessage);
  roundTrips('messages of a leader', bc.acceptor, bc.dialler, arbitrary.leaderMessage);

  const fb = frontendBroadcasterBoundary;
  roundTrips('requests for the log', fb.dialler, fb.acceptor, arbitrary.logSliceRequest);
  roundTrips('slices of the log', fb.acceptor, fb.dialler, arbitrary.logSliceReply);

  const dd = databaseDatabaseBoundary;
  roundTrips('snapshot requests', dd.dialler, dd.acceptor, arbitrary.snapshotRequest);
  roundTrips('snapshot replies', dd.acceptor, dd.dialler, arbitrary.snapshotReply);

  it('a local read arrives as one that names no consistency', () => {
    const { dialler, acceptor } = sessionStreamBoundary;
    const read = { kind: 'exists', path: '/a', watch: false, atLeast: makeZxid(0, 0) } as const;
    const local = { ...read, consistency: { kind: 'local' } } as const;
    const sent = { kind: 'operations', firstSequence: 1, ackedThrough: 0 } as const;
    const received = carry(dialler, acceptor, [[{ ...sent, operations: [local] }]]);
    expect(received).toEqual([[{ ...sent, operations: [read] }]]);
  });

  const ss = sessionStreamBoundary;
  roundTrips('session requests', ss.dialler, ss.acceptor, arbitrary.sessionRequest);
  roundTrips('session replies', ss.acceptor, ss.dialler, arbitrary.sessionReply);
});

describe('batches', () => {
  const tight = { batchBytes: 1000, batchOperations: 10 };

  it('are joined while they wait, and cut at their bounds', () => {
    const { dialler, acceptor } = databaseBroadcasterBoundary;
    const sent = Array.from(
      { length: 25 },
      (_, i) => ({ kind: 'applied', zxid: makeZxid(1, i) }) as const,
    );
    const received = carry(
      dialler,
      acceptor,
      sent.map((message) => [message]),
      tight,
    );
    expect(received.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(received.flat()).toEqual(sent);
  });

  it('of different terms are never joined, and a cut one keeps its term', () => {
    const { dialler, acceptor } = frontendProcessorBoundary;
    const touch: ProcessorRequest = { kind: 'readIndex', request: 1 };
    const batches = [
      { term: makeTerm(1, 1), messages: [touch] },
      { term: makeTerm(1, 2), messages: Array.from({ length: 12 }, () => touch) },
      { term: makeTerm(1, 2), messages: [touch] },
      { term: makeTerm(0, 0), messages: [touch] },
    ];
    const received = carry(dialler, acceptor, batches, tight);
    expect(received.map(({ term, messages }) => [term, messages.length])).toEqual([
      [makeTerm(1, 1), 1],
      [makeTerm(1, 2), 10],
      [makeTerm(1, 2), 3],
      [makeTerm(0, 0), 1],
    ]);
  });

  it('divide a long run of entries into messages of their size', () => {
    const { dialler, acceptor } = processorBroadcasterBoundary;
    const entries: LogEntry[] = Array.from({ length: 50 }, (_, i) => ({
      zxid: makeZxid(1, i + 1),
      kind: 'data',
      payload: new Uint8Array(100),
    }));
    const term = makeTerm(1, 1);
    const received = carry(dialler, acceptor, [[{ kind: 'propose', term, entries }]], tight);
    expect(received.length).toBeGreaterThan(4);
    const proposed = received.flat().flatMap((it) => (it.kind === 'propose' ? it.entries : []));
    expect(proposed).toEqual(entries);
  });

  describe('of a leader', () => {
    const { dialler, acceptor } = broadcastBoundary;
    const entries: LogEntry[] = Array.from({ length: 50 }, (_, i) => ({
      zxid: makeZxid(1, i + 1),
      kind: 'data',
      payload: new Uint8Array(100),
    }));

    function divided(committed: number): Extract<LeaderMessage, { kind: 'entries' }>[] {
      const sent: LeaderMessage = { kind: 'entries', entries, committed: makeZxid(1, committed) };
      return carry(acceptor, dialler, [[sent]], tight)
        .flat()
        .flatMap((it) => (it.kind === 'entries' ? [it] : []));
    }

    it.each([0, 30, 50, 70])(
      'divide a long run of entries, of which %i are committed, and tell none before it came',
      (committed) => {
        const parts = divided(committed);
        expect(parts.length).toBeGreaterThan(4);
        expect(parts.flatMap((it) => it.entries)).toEqual(entries);
        for (const part of parts.slice(0, -1)) {
          const last = part.entries.at(-1)?.zxid ?? makeZxid(0, 0);
          expect(part.committed).toBe(Math.min(last, makeZxid(1, committed)));
        }
        expect(parts.at(-1)?.committed).toBe(makeZxid(1, committed));
      },
    );

    it('tell what is committed where they bring no entries', () => {
      const sent: LeaderMessage = { kind: 'entries', entries: [], committed: makeZxid(1, 3) };
      expect(carry(acceptor, dialler, [[sent]])).toEqual([[sent]]);
    });

    it('fit the bound of a link with the largest entries', () => {
      const large = new Uint8Array(DEFAULT_LIMITS.requestBytes);
      const heavy = entries.map((entry): LogEntry => ({ ...entry, payload: large }));
      const outgoing = acceptor.outgoing(DEFAULT_LIMITS);
      outgoing.write([{ kind: 'entries', entries: heavy, committed: makeZxid(1, 1) }]);
      for (let bytes = outgoing.take(); bytes !== undefined; bytes = outgoing.take()) {
        expect(bytes.length).toBeLessThan(DEFAULT_LIMITS.linkMessageBytes);
      }
    });
  });

  it('of a snapshot are cut between its chunks', () => {
    const { dialler, acceptor } = databaseDatabaseBoundary;
    const replies: SnapshotReply[] = Array.from({ length: 20 }, (_, i) => ({
      kind: 'chunk',
      chunk: new Uint8Array(600).fill(i),
    }));
    const received = carry(acceptor, dialler, [replies], tight);
    expect(received.map((batch) => batch.length)).toEqual(Array.from({ length: 10 }, () => 2));
    expect(received.flat()).toEqual(replies);
  });

  it('divide a long run of operations, each part with the sequence of its first write', () => {
    const { dialler, acceptor } = sessionStreamBoundary;
    const read = { kind: 'getData', path: '/a', watch: false, atLeast: makeZxid(0, 0) } as const;
    const write = { kind: 'setData', path: '/a', data: new Uint8Array(150), version: -1 } as const;
    const operations = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? read : write));
    const sent = { kind: 'operations', firstSequence: 7, ackedThrough: 3, operations } as const;
    const received = carry(dialler, acceptor, [[sent]], tight).flat();
    expect(received.length).toBeGreaterThan(2);
    let sequence = 7;
    for (const part of received) {
      if (part.kind !== 'operations') throw new TypeError(part.kind);
      expect([part.firstSequence, part.ackedThrough]).toEqual([sequence, 3]);
      sequence += part.operations.filter(({ kind }) => kind === 'setData').length;
    }
    expect(sequence).toBe(27);
    expect(received.flatMap((it) => (it.kind === 'operations' ? it.operations : []))).toEqual(
      operations,
    );
  });

  it('do not keep the frame in memory that a znode came in', () => {
    const { dialler, acceptor } = sessionStreamBoundary;
    const create = {
      kind: 'create',
      path: '/a',
      data: new Uint8Array(10),
      mode: 'persistent',
      ttlMs: 0,
    } as const;
    const large = { ...create, data: new Uint8Array(60_000) };
    const operations = [create, large];
    const sent = { kind: 'operations', firstSequence: 1, ackedThrough: 0, operations } as const;
    const [batch] = carry(dialler, acceptor, [[sent]]);
    const operation = batch?.[0]?.kind === 'operations' ? batch[0].operations[0] : undefined;
    if (operation?.kind !== 'create') throw new TypeError('no create');
    // Short pieces share a block of 8 KiB, longer ones have memory of their own.
    expect(operation.data.buffer.byteLength).toBeLessThanOrEqual(8 * 1024);
  });
});
