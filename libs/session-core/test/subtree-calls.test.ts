import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, DatabaseRequest, Limits, ReadResult } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { checkRead } from '../src/operation-check.ts';
import { FrontendUnderTest, TERM_ONE, zxid } from './frontend-under-test.ts';

function page(snapshot: number, bytes = 100): ClientOperation {
  return { kind: 'getSubtree', path: '/a', atLeast: ZXID_ZERO, snapshot, bytes };
}

function told(snapshot: number, more: boolean): ReadResult {
  return { kind: 'subtree', snapshot, zxid: zxid(1), znodes: [], more };
}

function start(limits: Partial<Limits> = {}): FrontendUnderTest {
  const front = new FrontendUnderTest({ unarySessions: 1, ...limits });
  front.connectDatabase(zxid(1), TERM_ONE);
  front.takeDatabase();
  return front;
}

function call(front: FrontendUnderTest, number: number, operation: ClientOperation): void {
  front.step({ kind: 'unaryReceived', call: number, operation });
}

function answer(front: FrontendUnderTest, read: number, result: ReadResult): void {
  front.database({ kind: 'readReply', read, zxid: zxid(1), result });
}

function pages(requests: readonly DatabaseRequest[]): string[] {
  return requests.flatMap((it) =>
    it.kind === 'read' && it.operation.kind === 'getSubtree'
      ? [`${it.operation.snapshot}:${it.operation.bytes}`]
      : [],
  );
}

function answers(front: FrontendUnderTest): string[] {
  return front.unaryAnswers
    .splice(0)
    .map(({ call: number, result }) =>
      result.kind === 'failed' ? `${number}:${result.code}` : `${number}:${result.kind}`,
    );
}

describe('a subtree for a call', () => {
  it('is asked for page by page', () => {
    const front = start();
    call(front, 1, page(0));
    answer(front, 1, told(5, true));
    call(front, 2, page(5));
    expect(pages(front.takeDatabase())).toEqual(['0:100', '5:100']);
    answer(front, 2, told(5, false));
    expect(answers(front)).toEqual(['1:subtree', '2:subtree']);
    call(front, 3, page(5));
    expect(answers(front)).toEqual(['3:connectionLoss']);
  });

  it('is not asked of a database that has not begun it, where the number may name that of another', () => {
    const front = start();
    call(front, 1, page(0));
    answer(front, 1, told(5, true));
    call(front, 2, page(5));
    front.loseDatabase();
    front.connectDatabase(zxid(1), TERM_ONE);
    front.takeDatabase();
    expect(answers(front)).toEqual(['1:subtree', '2:connectionLoss']);
    call(front, 3, page(5));
    expect(pages(front.takeDatabase())).toEqual([]);
    expect(answers(front)).toEqual(['3:connectionLoss']);
  });

  it('is ended in the database where its caller has gone', () => {
    const front = start();
    call(front, 1, page(0));
    front.step({ kind: 'unaryCancelled', call: 1 });
    front.takeDatabase();
    answer(front, 1, told(5, true));
    expect(pages(front.takeDatabase())).toEqual(['5:0']);
    answer(front, 2, told(5, false));
    expect(answers(front)).toEqual([]);
  });

  it('counts as one request, however many pages it has', () => {
    const front = start({ requestsPerSecond: 1 });
    call(front, 1, page(0));
    answer(front, 1, told(5, true));
    for (let number = 2; number < 5; number++) {
      call(front, number, page(5));
      answer(front, number, told(5, true));
    }
    call(front, 5, page(0));
    expect(answers(front).slice(-2)).toEqual(['4:subtree', '5:throttled']);
  });

  it('is told to no session', () => {
    const read = { kind: 'getSubtree', path: '/a', atLeast: ZXID_ZERO, snapshot: 0 } as const;
    expect(checkRead({ ...read, bytes: 1 }, 7 as never)).toMatchObject({ code: 'badArguments' });
    expect(checkRead({ ...read, bytes: 1 }, NO_SESSION)).toMatchObject({ kind: 'getSubtree' });
  });
});
