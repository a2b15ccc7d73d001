import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ERROR_CODES,
  makeFrontendIncarnation,
  makeSessionId,
  makeZxid,
  NO_SESSION,
  trustedPath,
  ZNODE_KINDS,
} from '@paddock/model';
import type { AppliedStep, Change, ErrorCode, Transaction, ZnodeEdit } from '@paddock/model';
import { CodecError } from '../src/codec-error.ts';
import { CLOSE_SESSION_BYTES, decodeTransaction, encodeTransaction } from '../src/transaction.ts';

const count = fc.maxSafeNat();
const session = fc.maxSafeNat().map((it) => (it === 0 ? NO_SESSION : makeSessionId(it)));
const zxid = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 21 - 1 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
  .map(([epoch, counter]) => makeZxid(epoch, counter));
const text = fc.string({ unit: 'grapheme', maxLength: 80 });
const path = text.map((it) => trustedPath(`/${it}`));
const bytes = fc.uint8Array({ maxLength: 300 });
const attachment = fc.record({
  frontend: fc.integer({ min: 1 }).map(makeFrontendIncarnation),
  connection: count,
  attempt: count,
});
const codes = Object.keys(ERROR_CODES) as ErrorCode[];

const acl = fc.array(
  fc.record({ permissions: fc.integer({ min: 0, max: 31 }), scheme: text, id: text }),
  { minLength: 1, maxLength: 3 },
);

const edit: fc.Arbitrary<ZnodeEdit> = fc.oneof(
  fc.record({
    kind: fc.constant('createZnode' as const),
    path,
    data: bytes,
    znodeKind: fc.constantFrom(...ZNODE_KINDS),
    ephemeralOwner: session,
    ttlMs: count,
    parentCversion: count,
    parentCreates: count,
    acl: fc.option(acl, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('setZnodeData' as const), path, data: bytes, version: count }),
  fc.record({ kind: fc.constant('deleteZnode' as const), path, parentCversion: count }),
  fc.record({ kind: fc.constant('setZnodeAcl' as const), path, acl, version: count }),
);

const step = fc.record({ index: fc.integer({ min: -1, max: 9999 }), path: text });

const applied: fc.Arbitrary<AppliedStep> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'created' as const,
      'dataSet' as const,
      'deleted' as const,
      'aclSet' as const,
    ),
    edits: fc.array(edit, { maxLength: 3 }),
  }),
  fc.constant({ kind: 'checked' as const }),
  fc.record({
    kind: fc.constantFrom(
      'getData' as const,
      'exists' as const,
      'getChildren' as const,
      'denied' as const,
    ),
    path,
  }),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  edit,
  fc.record({
    kind: fc.constant('transaction' as const),
    succeeded: fc.boolean(),
    readBytes: count,
    steps: fc.array(applied, { maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('failed' as const),
    code: fc.constantFrom(...codes),
    reason: text,
  }),
  fc.record({
    kind: fc.constant('failed' as const),
    code: fc.constantFrom(...codes),
    reason: text,
    step,
  }),
  fc.record({
    kind: fc.constant('openSession' as const),
    session,
    timeoutMs: count,
    secretHash: bytes,
    attachment,
    windowCount: count,
    windowBytes: count,
  }),
  fc.record({
    kind: fc.constant('resumeSession' as const),
    session,
    attachment,
    ackedThrough: count,
  }),
  fc.record({
    kind: fc.constant('closeSession' as const),
    session,
    end: fc.constantFrom('closed' as const, 'expired' as const),
    znodes: fc.array(fc.record({ path, parentCversion: count }), { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('acknowledgeOutcomes' as const),
    acknowledgements: fc.array(fc.record({ session, through: count }), { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('dropTombstones' as const), through: zxid }),
);

const transaction: fc.Arbitrary<Transaction> = fc.record({
  zxid,
  time: count,
  session,
  sequence: count,
  requestHash: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  ackedThrough: count,
  change,
});

describe('a transaction', () => {
  it('comes back as it was, whatever it says', () => {
    fc.assert(
      fc.property(transaction, (it) => {
        expect(decodeTransaction(it.zxid, encodeTransaction(it))).toEqual(it);
      }),
    );
  });

  it('has bytes of its own that no later one changes', () => {
    fc.assert(
      fc.property(transaction, transaction, (first, second) => {
        const payload = encodeTransaction(first);
        const later = encodeTransaction(second);
        later.fill(0xff);
        expect(decodeTransaction(first.zxid, payload)).toEqual(first);
      }),
    );
  });

  it('is refused when cut off anywhere, and when something follows it', () => {
    fc.assert(
      fc.property(transaction, (it) => {
        const payload = encodeTransaction(it);
        for (let end = 0; end < payload.length; end++) {
          expect(() => decodeTransaction(it.zxid, payload.slice(0, end))).toThrow(CodecError);
        }
        const longer = new Uint8Array(payload.length + 1);
        longer.set(payload);
        expect(() => decodeTransaction(it.zxid, longer)).toThrow('1 bytes too many');
      }),
      { numRuns: 40 },
    );
  });

  it('is a typed error or a transaction when a byte is damaged, never another failure', () => {
    fc.assert(
      fc.property(transaction, fc.nat(), fc.integer({ min: 1, max: 255 }), (it, at, flip) => {
        const payload = encodeTransaction(it);
        const index = at % payload.length;
        payload[index] = (payload[index] ?? 0) ^ flip;
        try {
          decodeTransaction(it.zxid, payload);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of a kind that is not known says so, and where', () => {
    const payload = encodeTransaction(
      anyTransaction({ kind: 'failed', code: 'noNode', reason: '' }),
    );
    for (const kind of [0, 13, 255]) {
      payload[0] = kind;
      expect(() => decodeTransaction(makeZxid(1, 1), payload)).toThrow(
        expect.objectContaining({ code: 'unknownKind', offset: 0 }),
      );
    }
  });

  it('takes a claimed length for what it is before anything is allocated', () => {
    const payload = encodeTransaction(
      anyTransaction({ kind: 'acknowledgeOutcomes', acknowledgements: [] }),
    );
    payload.fill(0xff, payload.length - 4);
    expect(() => decodeTransaction(makeZxid(1, 1), payload)).toThrow(
      expect.objectContaining({ code: 'malformed', offset: payload.length - 4 }),
    );
  });

  it('that closes a session without ephemerals has the size that is reckoned for it', () => {
    const close = anyTransaction({
      kind: 'closeSession',
      session: makeSessionId(1),
      end: 'closed',
      znodes: [],
    });
    expect(encodeTransaction(close)).toHaveLength(CLOSE_SESSION_BYTES);
  });
});

function anyTransaction(made: Change): Transaction {
  return {
    zxid: makeZxid(1, 1),
    time: 1,
    session: NO_SESSION,
    sequence: 0,
    requestHash: 0,
    ackedThrough: 0,
    change: made,
  };
}
