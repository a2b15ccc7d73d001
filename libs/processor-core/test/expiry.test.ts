import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMING, makeTerm } from '@paddock/model';
import { attachment, Connection, servedWith, Stage } from './stage.ts';
import type { NaiveDatabase } from './naive-database.ts';

const TICKS_OF_TIMEOUT = DEFAULT_TIMING.sessionTimeoutMs / DEFAULT_TIMING.tickMs;

function tick(stage: Stage, times: number): void {
  for (let i = 0; i < times; i++) {
    stage.tick();
    stage.settle();
  }
}

function expired(stage: Stage): number {
  return stage.proposed.filter(({ change }) => change.kind === 'closeSession').length;
}

describe('expiry', () => {
  it('ends a session that shows no life for its timeout, and says so to operators', () => {
    const stage = servedWith(new Connection(1));
    tick(stage, TICKS_OF_TIMEOUT);
    expect(expired(stage)).toBe(0);
    tick(stage, 1);
    expect(stage.proposed.at(-1)).toMatchObject({
      session: 0,
      sequence: 0,
      change: { kind: 'closeSession', end: 'expired', znodes: [] },
    });
    expect(stage.events.at(-1)).toMatchObject({ message: 'session expired', session: 1 });
  });

  it('H17 a: is put off by touches, which are acknowledged, and by whatever else is accepted', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    for (let round = 1; round < 6; round++) {
      tick(stage, TICKS_OF_TIMEOUT - 1);
      if (round % 2 === 0) stage.send(connection.touch(round));
      else stage.send(connection.create(`/n${round}`));
    }
    expect(expired(stage)).toBe(0);
    stage.confirmAll();
    expect(stage.takeReplies()).toEqual([
      { kind: 'touched', round: 2 },
      { kind: 'touched', round: 4 },
    ]);
  });

  it('H17 a: acknowledges a round also where a session is unknown or fenced, which does not live by it', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    const fenced = new Connection(1, attachment(9));
    for (let i = 0; i <= TICKS_OF_TIMEOUT; i++) {
      stage.send(fenced.touch(i), new Connection(77).touch(i));
      tick(stage, 1);
    }
    expect(expired(stage)).toBe(1);
    stage.confirmAll();
    expect(stage.takeReplies()).toHaveLength(2 * (TICKS_OF_TIMEOUT + 1));
  });

  it('H17 b: advances by two ticks at most, however late a tick is', () => {
    const stage = servedWith(new Connection(1));
    stage.tick(60_000);
    stage.tick(60_000);
    expect(expired(stage)).toBe(0);
    for (let i = 0; i < TICKS_OF_TIMEOUT / 2 - 2; i++) stage.tick(60_000);
    stage.settle();
    expect(expired(stage)).toBe(0);
    stage.tick(60_000);
    stage.settle();
    expect(expired(stage)).toBe(1);
  });

  it('H17 b: hears the touches that waited behind the tick first', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    tick(stage, TICKS_OF_TIMEOUT - 1);
    // The turn after a stall: the tick, then what was in the sockets.
    stage.tick(5000);
    stage.send(connection.touch());
    tick(stage, TICKS_OF_TIMEOUT - 2);
    expect(expired(stage)).toBe(0);
  });

  it('H17 c: and time itself never go back when the wall clock does', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    stage.settle();
    stage.wallMs -= 3_600_000;
    stage.send(connection.create('/b'));
    stage.settle();
    const [first, second] = stage.proposed;
    expect(second?.time).toBe(first?.time);
    tick(stage, 1);
    expect(expired(stage)).toBe(0);
  });

  it('H17 d: starts with one full timeout in every term', () => {
    const stage = servedWith(new Connection(1));
    tick(stage, TICKS_OF_TIMEOUT - 1);
    stage.grant(stage.term, stage.database.applied);
    stage.settle();
    tick(stage, TICKS_OF_TIMEOUT);
    expect(expired(stage)).toBe(0);
    tick(stage, 1);
    expect(expired(stage)).toBe(1);
  });

  it('H17 d: counts that from the marker on, however long the session table took to load', () => {
    const stage = servedWith(new Connection(1));
    stage.grant(stage.term, stage.database.applied);
    stage.monotonicMs += 60_000;
    stage.settle();
    tick(stage, TICKS_OF_TIMEOUT);
    expect(expired(stage)).toBe(0);
    tick(stage, 1);
    expect(expired(stage)).toBe(1);
  });

  it('H3: is put off by the arrival of a resume, also of one that comes again', () => {
    const stage = servedWith(new Connection(1));
    const resumed = new Connection(1, attachment(2));
    for (let i = 0; i < 3; i++) {
      tick(stage, TICKS_OF_TIMEOUT - 1);
      stage.send(resumed.resume());
    }
    tick(stage, TICKS_OF_TIMEOUT - 1);
    expect(expired(stage)).toBe(0);
    expect(stage.takeOutcomes()).toEqual(['resumeSession']);
  });

  it('H17 e: does not happen while no term is served', () => {
    const stage = servedWith(new Connection(1));
    stage.breakBroadcaster();
    tick(stage, 10 * TICKS_OF_TIMEOUT);
    expect(expired(stage)).toBe(0);
  });

  it('H16 c: stands still while the front-ends are not read', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection, { queueBytes: 500 });
    stage.send(connection.create('/a', 'persistent', 'x'.repeat(600)));
    for (let i = 0; i < 3 * TICKS_OF_TIMEOUT; i++) stage.tick();
    stage.settle();
    expect(expired(stage)).toBe(0);
  });

  it('H16 c: stands still while the driver itself does not read the front-ends', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.step({ kind: 'frontendReadingPaused', paused: true });
    tick(stage, 3 * TICKS_OF_TIMEOUT);
    expect(expired(stage)).toBe(0);
    stage.step({ kind: 'frontendReadingPaused', paused: false });
    tick(stage, TICKS_OF_TIMEOUT + 1);
    expect(expired(stage)).toBe(1);
  });

  it('H17 e: decided in a term that ends meanwhile has no effect', () => {
    const stage = servedWith(new Connection(1));
    tick(stage, TICKS_OF_TIMEOUT);
    // Decided, and the ephemerals are being looked up.
    stage.tick();
    const late = stage.takeAnswer();
    stage.grant(makeTerm(2, 1), stage.database.applied);
    stage.databaseSays(late);
    tick(stage, TICKS_OF_TIMEOUT);
    expect(expired(stage)).toBe(0);
    expect(livingOf(stage.database)).toBe(1);
  });

  it('H17 e: proposed by a deposed leader and never committed leaves the session its full timeout', () => {
    const stage = servedWith(new Connection(1));
    tick(stage, TICKS_OF_TIMEOUT);
    stage.tick();
    stage.answerAll();
    expect(expired(stage)).toBe(1);
    stage.entries = [];
    // The proposal is lost with the leader.
    stage.database.log.pop();
    stage.grant(makeTerm(2, 1), stage.database.applied);
    stage.settle();
    tick(stage, TICKS_OF_TIMEOUT);
    expect(expired(stage)).toBe(0);
    tick(stage, 1);
    expect(expired(stage)).toBe(1);
  });

  it('H3: is put off by touches of a resume that waits for its place in the log, and by no older ones', () => {
    const old = new Connection(1);
    const stage = servedWith(old);
    const resumed = new Connection(1, attachment(2));
    // The queue stands still behind a look-up that the database does not answer.
    stage.send(old.create('/slow/x'), resumed.resume());
    for (let i = 1; i < 3 * TICKS_OF_TIMEOUT; i++) {
      stage.tick();
      stage.send(resumed.touch(i));
    }
    stage.settle();
    expect(expired(stage)).toBe(0);
    for (let i = 1; i <= TICKS_OF_TIMEOUT + 1; i++) {
      stage.send(old.touch(i));
      tick(stage, 1);
    }
    expect(expired(stage)).toBe(1);
  });

  it('ZOOKEEPER-1049: of twenty thousand sessions costs a thousand that show life neither it nor their turn', () => {
    const stage = new Stage().serve();
    const connections = Array.from({ length: 21_000 }, (_, i) => new Connection(i + 1));
    stage.send(...connections.map((it) => it.open()));
    stage.settle();
    const living = connections.slice(20_000);
    const [writer] = living;
    let round = 0;
    let last = 0;
    for (let i = 0; i < 3 * TICKS_OF_TIMEOUT; i++) {
      stage.tick();
      if (i % 10 === 0) stage.send(...living.map((it) => it.touch(++round)));
      stage.entries = [];
      if (writer !== undefined) stage.send(writer.create(`/n${i}`));
      stage.settle();
      // Few of the expired come before a write that came behind them.
      expect(expired(stage)).toBeLessThanOrEqual(1000);
      last += expired(stage);
      expect(stage.takeOutcomes()).toContain('createZnode');
    }
    expect(last).toBe(20_000);
    expect(livingOf(stage.database)).toBe(1000);
  });

  it('decides no more than have their place while the database answers slowly', () => {
    const stage = new Stage().serve();
    const connections = Array.from({ length: 2500 }, (_, i) => new Connection(i + 1));
    stage.send(...connections.map((it) => it.open()));
    stage.settle();
    for (let i = 0; i < TICKS_OF_TIMEOUT + 8; i++) stage.tick();
    expect(stage.core.status().queuedRequests).toBe(1000);
    // The others still live by a touch.
    stage.send(...connections.map((it) => it.touch()));
    stage.settle();
    tick(stage, 2);
    expect(expired(stage)).toBe(1000);
    expect(livingOf(stage.database)).toBe(1500);
  });

  it('of thousands at once is spread over ticks, and the living among them are heard in between', () => {
    const stage = new Stage().serve();
    const connections = Array.from({ length: 2500 }, (_, i) => new Connection(i + 1));
    stage.send(...connections.map((it) => it.open()));
    stage.settle();
    tick(stage, TICKS_OF_TIMEOUT + 1);
    expect(expired(stage)).toBe(1000);
    stage.send(...connections.slice(2400).map((it) => it.touch()));
    tick(stage, 2);
    expect(expired(stage)).toBe(2400);
    expect(livingOf(stage.database)).toBe(100);
  });
});

function livingOf(database: NaiveDatabase): number {
  return database.sessions.size;
}
