import { NO_SESSION, trustedPath } from '@paddock/model';
import type { AppliedStep, Change, ZnodeEdit } from '@paddock/model';
import { expect, test } from 'vitest';
import { attachment, DatabaseWorld, FRONTEND_A, NO_DATA, path, session } from './database-world.ts';

const OWNER = session(1);

function creation(of: string, parentCversion: number): ZnodeEdit {
  return {
    kind: 'createZnode',
    path: trustedPath(of),
    data: Uint8Array.of(1, 2),
    znodeKind: 'persistent',
    ephemeralOwner: NO_SESSION,
    ttlMs: 0,
    parentCversion,
    parentCreates: parentCversion,
  };
}

function transaction(steps: readonly AppliedStep[], readBytes = 1000): Change {
  return { kind: 'transaction', succeeded: true, readBytes, steps };
}

function world(): DatabaseWorld {
  const it = new DatabaseWorld().start();
  it.connect(FRONTEND_A);
  it.open(OWNER, attachment(1));
  return it;
}

/** What the session is told that came of its write. */
function outcomeOf(it: DatabaseWorld, change: Change, sequence = 1): unknown {
  it.told(FRONTEND_A);
  it.apply(change, { session: OWNER, sequence });
  return it.told(FRONTEND_A).find((told) => told.kind === 'outcome')?.outcome.result;
}

const steps: readonly AppliedStep[] = [
  { kind: 'created', edits: [creation('/a', 1), creation('/a/b', 1)] },
  { kind: 'checked' },
  { kind: 'getChildren', path: path('/a') },
  {
    kind: 'dataSet',
    edits: [{ kind: 'setZnodeData', path: path('/a/b'), data: NO_DATA, version: 1 }],
  },
  { kind: 'getData', path: path('/a/b') },
  { kind: 'deleted', edits: [{ kind: 'deleteZnode', path: path('/a/b'), parentCversion: 2 }] },
  { kind: 'exists', path: path('/a/b') },
];

test('each step of a transaction shows what those before it have done', () => {
  expect(outcomeOf(world(), transaction(steps))).toMatchObject({
    kind: 'transacted',
    succeeded: true,
    results: [
      { kind: 'created', path: '/a/b', stat: { version: 0 } },
      { kind: 'checked' },
      { kind: 'children', children: ['b'] },
      { kind: 'dataSet', stat: { version: 1, dataLength: 0 } },
      { kind: 'data', data: NO_DATA, stat: { version: 1 } },
      { kind: 'deleted' },
      { kind: 'failed', code: 'noNode' },
    ],
  });
});

test('P7: a transaction that is applied to a state that has it already changes nothing', () => {
  const once = world();
  once.apply(transaction(steps), { session: OWNER, sequence: 1 });
  const { znodesDigest, znodes } = once.core.status();
  expect(znodes).toBe(2);
  const again = world();
  const entry = again.entry(transaction([...steps, ...steps]), { session: OWNER, sequence: 1 });
  again.deliver(entry);
  expect(again.core.status()).toMatchObject({ znodesDigest, znodes });
});

test('what an upsert has created is told as set', () => {
  const upsert = transaction([{ kind: 'dataSet', edits: [creation('/a', 1)] }]);
  expect(outcomeOf(world(), upsert)).toMatchObject({
    results: [{ kind: 'dataSet', stat: { version: 0, dataLength: 2 } }],
  });
});

test('a creation tells as a number the counter that its name ends with, and no other digits', () => {
  const made = (of: string, parentCversion: number): AppliedStep => ({
    kind: 'created',
    edits: [creation(of, parentCversion)],
  });
  const change = transaction([
    made('/q-0000000000', 1),
    made('/job10000000001', 2),
    made('/9999999999', 3),
    made('/q-0000000004', 4),
  ]);
  expect(outcomeOf(world(), change)).toMatchObject({
    results: [{ counter: 0 }, { counter: 1 }, {}, {}],
  });
  const told = outcomeOf(world(), change);
  expect(JSON.stringify(told).match(/counter/g)).toHaveLength(2);
});

test('reads beyond what a transaction may bring are refused one by one', () => {
  const reads: AppliedStep[] = [
    { kind: 'created', edits: [creation('/a', 1)] },
    { kind: 'getData', path: path('/a') },
    { kind: 'getData', path: path('/a') },
    { kind: 'exists', path: path('/absent') },
  ];
  expect(outcomeOf(world(), transaction(reads, 200))).toMatchObject({
    results: [
      { kind: 'created' },
      { kind: 'data' },
      { kind: 'failed', code: 'tooLarge' },
      { kind: 'failed', code: 'noNode' },
    ],
  });
});

test('P4: the events of a transaction come before its outcome, all with its zxid', () => {
  const it = world();
  it.ask(FRONTEND_A, {
    kind: 'attach',
    ...{ session: OWNER, attachment: attachment(1), floor: it.core.status().applied },
    ...{ firstUnsettled: 1, more: false },
    watches: [
      { path: path('/a'), kind: 'exists', from: it.core.status().applied },
      { path: path('/'), kind: 'children', from: it.core.status().applied },
    ],
  });
  it.told(FRONTEND_A);
  const zxid = it.apply(transaction(steps), { session: OWNER, sequence: 1 });
  const told = it.told(FRONTEND_A).filter(({ kind }) => kind === 'event' || kind === 'outcome');
  expect(told).toMatchObject([
    { kind: 'event', event: { kind: 'nodeCreated', path: '/a', zxid } },
    { kind: 'event', event: { kind: 'nodeChildrenChanged', path: '/', zxid } },
    { kind: 'outcome', outcome: { zxid } },
  ]);
});
