import { NO_TTL } from '@paddock/model';
import type { ClientOperation, TransactionOperation, TransactionStep } from '@paddock/model';
import { expect, test } from 'vitest';
import { FrontendUnderTest, text } from './frontend-under-test.ts';

type Step = TransactionStep<string>;

function transaction(parts: Partial<TransactionOperation<string>>): ClientOperation {
  const nothing = { guard: null, compare: [], then: [], otherwise: [] };
  return { kind: 'transaction', ...nothing, ...parts };
}

function create(path: string, more: Partial<Extract<Step, { kind: 'create' }>> = {}): Step {
  const plain = { data: text('x'), mode: 'persistent', ttlMs: NO_TTL, parents: false } as const;
  return { kind: 'create', path, ...plain, ...more };
}

/** What the request processor is asked for. */
function forwarded(operation: ClientOperation, limits = {}): unknown {
  const front = new FrontendUnderTest(limits).start();
  const a = front.open();
  front.operations(a.link, 1, [operation]);
  const [write] = front.takeProcessor().filter((it) => it.kind === 'write');
  return write?.operation;
}

test('a transaction is a write, and goes on as it came', () => {
  const operation = transaction({
    guard: { path: '/lock', czxid: 7 as never },
    compare: [{ kind: 'version', path: '/a', relation: 'less', value: 3 }],
    then: [create('/q/n-', { mode: 'persistentSequential' })],
    otherwise: [{ kind: 'getData', path: '/a' }],
  });
  expect(forwarded(operation)).toEqual(operation);
});

test('a refusal travels on with as much of a path as one may have', () => {
  const operation = transaction({ then: [create(`/${'p'.repeat(200_000)}`)] });
  const refused = forwarded(operation);
  const path = expect.stringMatching(/^\/p+\u2026p+$/) as string;
  expect(refused).toMatchObject({ code: 'badArguments', step: { index: 0, path } });
  expect(JSON.stringify(refused).length).toBeLessThan(4400);
});

test.each<[string, Partial<TransactionOperation<string>>, object]>([
  [
    'a bad path',
    { then: [create('/a'), create('/a//b')] },
    { code: 'badArguments', step: { index: 1, path: '/a//b' } },
  ],
  [
    'a bad path of the other branch',
    { otherwise: [{ kind: 'exists', path: 'a' }] },
    { code: 'badArguments', step: { index: 0, path: 'a' } },
  ],
  [
    'a bad path that is compared',
    { compare: [{ kind: 'exists', path: '/a/', exists: true }] },
    { code: 'badArguments', step: { index: -1, path: '/a/' } },
  ],
  [
    'a bad path of a lock',
    { guard: { path: '', czxid: 1 as never } },
    { code: 'badArguments', step: { index: -1, path: '' } },
  ],
  [
    'a bad version',
    { then: [{ kind: 'check', path: '/a', version: -2 }] },
    { code: 'badArguments', step: { index: 0, path: '/a' } },
  ],
  [
    'a TTL without a mode that has one',
    { then: [create('/a', { ttlMs: 5 })] },
    { code: 'badArguments', step: { index: 0, path: '/a' } },
  ],
  [
    'too much data',
    { then: [create('/a', { data: new Uint8Array(101) })] },
    { code: 'tooLarge', step: { index: 0, path: '/a' } },
  ],
  [
    'too many steps',
    { then: [create('/a'), create('/b'), create('/c'), create('/d')] },
    { code: 'tooLarge', step: { index: -1, path: '' } },
  ],
])('H2: %s is refused in its place, and says where it stands', (_, parts, refusal) => {
  const limits = { znodeDataBytes: 100, transactionZnodes: 3 };
  expect(forwarded(transaction(parts), limits)).toMatchObject({ kind: 'refused', ...refusal });
});

test('H2: a transaction that is too large in all is refused', () => {
  const then = Array.from({ length: 30 }, (_, i) => create(`/a${i}`, { data: new Uint8Array(50) }));
  const refused = forwarded(transaction({ then }), { requestBytes: 2000 });
  expect(refused).toMatchObject({ kind: 'refused', code: 'tooLarge' });
});

test('H19: without a session it creates no ephemeral, not even in the branch that is not taken', () => {
  const front = new FrontendUnderTest({ unarySessions: 1 }).start();
  const operation = transaction({ otherwise: [create('/e', { mode: 'ephemeral' })] });
  front.step({ kind: 'unaryReceived', call: 1, operation });
  expect(front.unaryAnswers).toMatchObject([{ call: 1, result: { code: 'badArguments' } }]);
});
