import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeText, NO_SESSION, RELATIONS, trustedPath } from '@paddock/model';
import type {
  AppliedStep,
  Comparison,
  SessionId,
  Transaction,
  TransactionStep,
  WriteOperation,
  ZnodeEdit,
} from '@paddock/model';
import { NaiveOrder } from './naive-order.ts';
import { attachment, Connection, Stage } from './stage.ts';

const NAMES = ['/a', '/b', '/a/c', '/a/d', '/b/c', '/a/c/e'];
/** Among them names that a sequential create may come upon. */
const TAKEN = [
  '/a/n0000000000',
  '/a/n0000000001',
  '/a/n0000000002',
  '/a/n0000000003',
  '/0000000002',
];
const PREFIXES = ['/a/n', '/a/m', '/', '/b/', '/x/y'];
const SESSIONS = 3;

const path = fc.constantFrom(...NAMES, ...TAKEN).map(trustedPath);
const letter = fc.constantFrom('x', 'y', 'z').map(encodeText);
const version = fc.constantFrom(-1, -1, 0, 1);
const relation = fc.constantFrom(...RELATIONS);

const comparison: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({ kind: fc.constant('exists' as const), path, exists: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('version' as const, 'childCount' as const, 'owner' as const),
    path,
    relation,
    value: fc.nat({ max: 3 }),
  }),
  fc.record({ kind: fc.constant('data' as const), path, relation, data: letter }),
);

const transactionStep: fc.Arbitrary<TransactionStep> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      path,
      data: letter,
      mode: fc.constantFrom('persistent' as const, 'ephemeral' as const),
      ttlMs: fc.constant(0),
      parents: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      path: fc.constantFrom(...PREFIXES).map(trustedPath),
      data: letter,
      mode: fc.constantFrom('persistentSequential' as const, 'ephemeralSequential' as const),
      ttlMs: fc.constant(0),
      parents: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('setData' as const),
      path,
      data: letter,
      version,
      upsert: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      path: fc.oneof({ weight: 9, arbitrary: path }, fc.constant(trustedPath('/'))),
      version,
      recursive: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('check' as const), path, version }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('getData' as const), path }) },
);

const steps = fc.array(transactionStep, { maxLength: 4 });
const transaction: fc.Arbitrary<WriteOperation> = fc.record({
  kind: fc.constant('transaction' as const),
  guard: fc.constant(null),
  compare: fc.array(comparison, { maxLength: 2 }),
  then: steps,
  otherwise: steps,
});

/** Few znodes and few bytes, so that limits are met. */
const limit = fc.nat({ max: 6 });
const quotaSetting: fc.Arbitrary<WriteOperation> = fc.record({
  kind: fc.constant('setQuota' as const),
  path: fc.oneof(path, fc.constant(trustedPath('/'))),
  quota: fc.record({ countHard: limit, countSoft: limit, bytesHard: limit, bytesSoft: limit }),
});

const operation: fc.Arbitrary<WriteOperation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      path,
      data: fc.constant(encodeText('x')),
      mode: fc.constantFrom('persistent' as const, 'persistent' as const, 'ephemeral' as const),
      ttlMs: fc.constant(0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      path: fc.constantFrom(...PREFIXES).map(trustedPath),
      data: fc.constant(encodeText('x')),
      mode: fc.constantFrom('persistentSequential' as const, 'ephemeralSequential' as const),
      ttlMs: fc.constant(0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('setData' as const),
      path,
      data: fc.constantFrom('', 'y', 'yyy').map(encodeText),
      version: fc.constantFrom(-1, 0, 1, 2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      path: fc.oneof(path, fc.constant(trustedPath('/'))),
      version: fc.constantFrom(-1, -1, 0, 1),
    }),
  },
  { weight: 6, arbitrary: transaction },
  { weight: 2, arbitrary: quotaSetting },
  { weight: 1, arbitrary: fc.constant({ kind: 'closeSession' as const }) },
);

type Happening =
  | { readonly kind: 'writes'; readonly session: number; readonly operations: WriteOperation[] }
  | { readonly kind: 'answer' | 'tick' | 'settle' }
  | { readonly kind: 'apply'; readonly count: number }
  | { readonly kind: 'restartDatabase'; readonly lost: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('writes' as const),
      session: fc.nat({ max: SESSIONS - 1 }),
      operations: fc.array(operation, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 12, arbitrary: fc.constant({ kind: 'answer' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restartDatabase' as const),
      lost: fc.nat({ max: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'tick' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
);

function editInWords(edit: ZnodeEdit): string {
  switch (edit.kind) {
    case 'createZnode':
      return `created ${edit.path}`;
    case 'setZnodeData':
      return `set ${edit.path} ${edit.version}`;
    case 'deleteZnode':
      return `deleted ${edit.path}`;
    case 'setZnodeAcl':
      return `acl ${edit.path}`;
  }
}

function stepInWords(applied: AppliedStep, asked: TransactionStep | undefined): string {
  if ('edits' in applied) return applied.edits.map(editInWords).sort().join(', ');
  if (applied.kind !== 'checked') return `${applied.kind} ${applied.path}`;
  return `checked ${asked?.path ?? ''}`;
}

/** What the transaction came to, in the words of NaiveOrder. */
function inWords({ change }: Transaction, operation: WriteOperation | undefined): string {
  switch (change.kind) {
    case 'createZnode':
    case 'setZnodeData':
    case 'deleteZnode':
    case 'setZnodeAcl':
      return editInWords(change);
    case 'transaction': {
      const branch = change.succeeded ? 'then' : 'otherwise';
      const asked = operation?.kind === 'transaction' ? operation[branch] : [];
      return `${branch}: ${change.steps.map((it, i) => stepInWords(it, asked[i])).join('; ')}`;
    }
    case 'setQuota':
      return `quota of ${change.path}`;
    case 'failed': {
      const { code, step } = change;
      return step === undefined ? code : `${code} at ${step.index} ${step.path}`;
    }
    case 'closeSession':
      return `closed ${change.znodes
        .map((it) => it.path)
        .sort()
        .join(' ')}`;
    default:
      return change.kind;
  }
}

/** One run: front-ends, a database that lags, answers late and restarts behind, and the order held against it. */
class Run {
  readonly stage: Stage;
  readonly #sent = new Map<SessionId, WriteOperation[]>();
  readonly #connections: Connection[] = [];
  #opened = 0;

  constructor(overlayEntries: number) {
    this.stage = new Stage({ batchOperations: 3, overlayEntries }).serve();
    for (let i = 0; i < SESSIONS; i++) this.#connections.push(this.#open());
  }

  happen(event: Happening): void {
    const { stage } = this;
    switch (event.kind) {
      case 'writes':
        this.#write(event.session, event.operations);
        break;
      case 'answer':
        this.#answerOne();
        break;
      case 'apply':
        stage.database.applyNext(event.count);
        if (event.count % 2 === 0) stage.sayApplied();
        break;
      case 'restartDatabase':
        stage.breakDatabase();
        stage.database.restart(Math.max(0, stage.database.appliedCount - event.lost));
        stage.connectDatabase();
        break;
      case 'tick':
        stage.tick();
        break;
      case 'settle':
        stage.settle();
        break;
    }
  }

  /** Every outcome is that of the same writes one after the other, and none is missing. */
  check(): void {
    this.stage.settle();
    this.stage.sayApplied();
    const order = new NaiveOrder();
    const next = new Map<SessionId, number>();
    for (const transaction of this.stage.database.transactions) {
      const { session, sequence, change } = transaction;
      if (session === NO_SESSION) {
        if (change.kind === 'closeSession') {
          expect(order.close(change.session)).toBe(inWords(transaction, undefined));
        }
        continue;
      }
      expect(sequence).toBe((next.get(session) ?? 0) + 1);
      next.set(session, sequence);
      const sent = this.#sent.get(session)?.[sequence - 1];
      if (sent === undefined) throw new RangeError('a transaction that nobody asked for');
      expect(inWords(transaction, sent)).toBe(order.run(session, sent));
    }
    for (const [session, sent] of this.#sent) {
      const done = next.get(session) ?? 0;
      if (this.stage.database.sessions.has(session)) expect(done).toBe(sent.length);
    }
    expect([...this.stage.database.znodes.keys()].sort()).toEqual([...order.znodes.keys()].sort());
    const { queuedRequests, overlayZnodes, changesInFlight, bytesHeld } = this.stage.core.status();
    expect([queuedRequests, overlayZnodes, changesInFlight, bytesHeld]).toEqual([0, 0, 0, 0]);
  }

  #open(): Connection {
    this.#opened++;
    const connection = new Connection(1000 + this.#opened, attachment(this.#opened, 1));
    this.#sent.set(connection.session, []);
    this.stage.send(connection.open(40_000));
    return connection;
  }

  #write(index: number, operations: readonly WriteOperation[]): void {
    let connection = this.#connections[index] ?? this.#open();
    for (const it of operations) {
      this.#sent.get(connection.session)?.push(it);
      this.stage.send(connection.write(it));
      if (it.kind === 'closeSession') connection = this.#connections[index] = this.#open();
    }
  }

  #answerOne(): void {
    const request = this.stage.lookUps[0];
    if (request === undefined) return;
    const answer = this.stage.database.answer(request);
    if (answer === null) return;
    this.stage.lookUps.shift();
    // The answer was true when it left; the database goes on before it arrives, and says so behind it.
    this.stage.database.applyNext(1);
    this.stage.databaseSays(answer);
  }
}

/** Room for no settled znode, for one, for four, for all. */
const overlayEntries = fc.constantFrom(7, 8, 32, 100_000);
const happenings = fc.array(happening, { minLength: 20, maxLength: 120 });

describe('any schedule of writes, look-ups, applies and restarts', () => {
  it('comes to the outcomes of the same writes one after the other', () => {
    fc.assert(
      fc.property(overlayEntries, happenings, (entries, happenings) => {
        const run = new Run(entries);
        for (const it of happenings) run.happen(it);
        run.check();
      }),
      { numRuns: 200 },
    );
  });
});
