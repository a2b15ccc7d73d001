import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EPOCH_MAX,
  ERROR_CODES,
  LIMIT_KINDS,
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  makeZxid,
  trustedPath,
  ZNODE_KINDS,
} from '@paddock/model';
import type {
  EnsembleConfiguration,
  ErrorCode,
  Outcome,
  SessionRow,
  WriteResult,
  TransactionResult,
} from '@paddock/model';
import { ByteReader } from '../src/byte-reader.ts';
import { ByteWriter } from '../src/byte-writer.ts';
import { CodecError } from '../src/codec-error.ts';
import { decodeConfiguration, encodeConfiguration } from '../src/configuration.ts';
import { readOutcome, writeOutcome } from '../src/outcome.ts';
import { readSessionRow, writeSessionRow } from '../src/session-record.ts';
import { decodeTermMarker, encodeTermMarker } from '../src/term-marker.ts';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const epoch = fc.integer({ min: 0, max: EPOCH_MAX });
const count = fc.maxSafeNat();
const session = fc.integer({ min: 1 }).map(makeSessionId);
const text = fc.string({ unit: 'grapheme', maxLength: 80 });
const zxid = fc.tuple(epoch, word).map(([high, low]) => makeZxid(high, low));
const stat = fc.record({
  czxid: zxid,
  mzxid: zxid,
  pzxid: zxid,
  ctime: count,
  mtime: count,
  version: count,
  cversion: count,
  aversion: count,
  ephemeralOwner: session,
  dataLength: word,
  numChildren: word,
  kind: fc.constantFrom(...ZNODE_KINDS),
  ttlMs: count,
});
const failure = fc.record(
  {
    kind: fc.constant('failed' as const),
    code: fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[])),
    reason: text,
    step: fc.record({ index: fc.integer({ min: -1, max: 9999 }), path: text }),
    limit: fc.record({
      kind: fc.constantFrom(...LIMIT_KINDS),
      path: text,
      limit: count,
      use: count,
      more: count,
    }),
  },
  { requiredKeys: ['kind', 'code', 'reason'] },
);
const created = fc.record(
  {
    kind: fc.constant('created' as const),
    path: text.map((it) => trustedPath(`/${it}`)),
    stat,
    counter: word,
  },
  { requiredKeys: ['kind', 'path', 'stat'] },
);
const stepResult: fc.Arbitrary<TransactionResult> = fc.oneof(
  created,
  fc.record({
    kind: fc.constantFrom('dataSet' as const, 'stat' as const, 'aclSet' as const),
    stat,
  }),
  fc.constantFrom({ kind: 'deleted' as const }, { kind: 'checked' as const }),
  fc.record({ kind: fc.constant('data' as const), data: fc.uint8Array({ maxLength: 64 }), stat }),
  fc.record({ kind: fc.constant('children' as const), children: fc.array(text), stat }),
  failure,
);
const result: fc.Arbitrary<WriteResult> = fc.oneof(
  fc.record({
    kind: fc.constant('transacted' as const),
    succeeded: fc.boolean(),
    results: fc.array(stepResult, { maxLength: 4 }),
  }),
  created,
  fc.record({ kind: fc.constantFrom('dataSet' as const, 'aclSet' as const), stat }),
  fc.constant({ kind: 'deleted' as const }),
  fc.constant({ kind: 'closed' as const }),
  failure,
);
const outcome: fc.Arbitrary<Outcome> = fc.record({
  sequence: count,
  zxid,
  requestHash: word,
  result,
});
const row: fc.Arbitrary<SessionRow> = fc.record({
  session,
  timeoutMs: count,
  secretHash: fc.uint8Array({ maxLength: 64 }),
  attachment: fc.record({
    frontend: fc.integer({ min: 1 }).map(makeFrontendIncarnation),
    connection: count,
    attempt: count,
  }),
  lastSequence: count,
  ephemeralBytes: count,
});
const marker = fc.record({
  term: fc.tuple(epoch, word).map(([high, low]) => makeTerm(high, low)),
  processorAddress: text,
});
const configuration = fc.record({
  clusterId: text,
  formatLevel: word,
  version: count,
  removed: fc.array(fc.record({ replica: count, incarnation: count }), { maxLength: 3 }),
  members: fc.array(
    fc.record({
      replica: count,
      incarnation: count,
      role: fc.constantFrom('voter' as const, 'observer' as const),
      address: text,
    }),
    { maxLength: 5 },
  ),
});

/** Round trip, and an error for every way of cutting the bytes off. */
function survives<T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => T,
): void {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encode(value);
      expect(decode(bytes)).toEqual(value);
      for (let end = 0; end < bytes.length; end++) {
        expect(() => decode(bytes.slice(0, end))).toThrow(CodecError);
      }
    }),
    { numRuns: 50 },
  );
}

function written<T>(write: (writer: ByteWriter, value: T) => void): (value: T) => Uint8Array {
  return (value) => {
    const writer = new ByteWriter(1);
    write(writer, value);
    return writer.take();
  };
}

function readBy<T>(read: (reader: ByteReader) => T): (bytes: Uint8Array) => T {
  return (bytes) => {
    const reader = new ByteReader(bytes);
    const value = read(reader);
    reader.expectEnd();
    return value;
  };
}

describe('a record', () => {
  it('of an outcome comes back as it was, and never from a part of it', () => {
    survives(outcome, written(writeOutcome), readBy(readOutcome));
  });

  it('of a session comes back as it was, and never from a part of it', () => {
    survives(row, written(writeSessionRow), readBy(readSessionRow));
  });

  it('of a term marker comes back as it was, and never from a part of it', () => {
    survives(marker, encodeTermMarker, decodeTermMarker);
  });

  it('of a configuration comes back as it was, and never from a part of it', () => {
    survives(configuration, encodeConfiguration, decodeConfiguration);
  });

  it('of a configuration that is not formed yet has no cluster and no incarnations (H7)', () => {
    const unformed: EnsembleConfiguration = {
      clusterId: '',
      formatLevel: 1,
      version: 0,
      removed: [],
      members: [
        { replica: 1, incarnation: 0, role: 'voter', address: 'a:1' },
        { replica: 2, incarnation: 0, role: 'voter', address: 'b:1' },
        { replica: 3, incarnation: 0, role: 'observer', address: 'c:1' },
      ],
    };
    expect(decodeConfiguration(encodeConfiguration(unformed))).toEqual(unformed);
  });

  it('refuses an epoch that no zxid can have', () => {
    const writer = new ByteWriter();
    writer.u32(EPOCH_MAX + 1);
    writer.u32(0);
    const bytes = writer.take();
    expect(() => new ByteReader(bytes).zxid()).toThrow(CodecError);
    expect(() => decodeTermMarker(bytes)).toThrow(CodecError);
  });

  it('refuses a text that is not UTF-8, short or long', () => {
    for (const length of [2, 100]) {
      const writer = new ByteWriter();
      writer.bytes(new Uint8Array(length).fill(0xff));
      expect(() => new ByteReader(writer.take()).text()).toThrow(CodecError);
    }
  });
});
