import { makeTerm, makeZxid, type LogEntry, type ProcessorRequest } from '@paddock/model';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  databaseBroadcasterBoundary,
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
