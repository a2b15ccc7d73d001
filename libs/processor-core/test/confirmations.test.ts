import { describe, expect, it } from 'vitest';
import { makeZxid } from '@paddock/model';
import { Connection, FRONTEND, servedWith } from './stage.ts';
import type { Stage } from './stage.ts';

function ask(stage: Stage, ...requests: number[]): void {
  stage.send(...requests.map((request) => ({ kind: 'readIndex', request }) as const));
}

function confirm(stage: Stage, round: number, counter: number): void {
  stage.fromBroadcaster({ kind: 'leadershipConfirmed', round, floor: makeZxid(1, counter) });
}

describe('a read index', () => {
  it('is answered by a round that was sent after it arrived, one round for a batch', () => {
    const stage = servedWith(new Connection(1));
    ask(stage, 11, 12);
    expect(stage.broadcasts).toEqual([{ kind: 'confirmLeadership', term: stage.term, round: 1 }]);
    expect(stage.takeReplies()).toEqual([]);
    confirm(stage, 1, 9);
    expect(stage.takeReplies()).toEqual([
      { kind: 'readIndexFloor', request: 11, floor: makeZxid(1, 9) },
      { kind: 'readIndexFloor', request: 12, floor: makeZxid(1, 9) },
    ]);
  });

  it('H13 c, e: is not credited to a round already sent', () => {
    const stage = servedWith(new Connection(1));
    ask(stage, 1);
    ask(stage, 2);
    confirm(stage, 1, 5);
    expect(stage.takeReplies()).toMatchObject([{ request: 1 }]);
    confirm(stage, 2, 6);
    expect(stage.takeReplies()).toMatchObject([{ request: 2 }]);
  });

  it('H13 e: gathers while many rounds are under way, and goes with a later one', () => {
    const stage = servedWith(new Connection(1));
    for (let request = 1; request <= 9; request++) ask(stage, request);
    expect(stage.broadcasts).toHaveLength(4);
    confirm(stage, 4, 5);
    expect(stage.takeReplies()).toHaveLength(4);
    expect(stage.broadcasts).toHaveLength(5);
    confirm(stage, 5, 6);
    expect(stage.takeReplies()).toHaveLength(5);
  });

  it('H13: of an ended term is never answered, and its rounds are not numbered again', () => {
    const stage = servedWith(new Connection(1));
    ask(stage, 1);
    stage.grant(stage.term, stage.database.applied);
    stage.settle();
    ask(stage, 2);
    confirm(stage, 1, 5);
    expect(stage.takeReplies()).toEqual([]);
    confirm(stage, 2, 6);
    expect(stage.takeReplies()).toMatchObject([{ request: 2 }]);
  });

  it('goes nowhere when its front-end has gone, also if its link number is used again', () => {
    const stage = servedWith(new Connection(1));
    ask(stage, 1);
    stage.endFrontend(FRONTEND);
    stage.connectFrontend(FRONTEND);
    confirm(stage, 1, 5);
    expect(stage.takeReplies()).toEqual([]);
  });
});

describe('a sign of life', () => {
  it('H17 a: is acknowledged only when a round that was sent after it has confirmed the leader', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    ask(stage, 1);
    stage.send(connection.touch(7));
    expect(stage.takeReplies()).toEqual([]);
    confirm(stage, 1, 5);
    expect(stage.takeReplies()).toMatchObject([{ kind: 'readIndexFloor' }]);
    confirm(stage, 2, 5);
    expect(stage.takeReplies()).toEqual([{ kind: 'touched', round: 7 }]);
  });

  it('H17 a: is never acknowledged by a processor whose term ends first', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.touch(7));
    stage.grant(stage.term, stage.database.applied);
    stage.settle();
    confirm(stage, 1, 5);
    expect(stage.takeReplies()).toEqual([]);
  });
});
