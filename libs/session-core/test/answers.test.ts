import { DEFAULT_LIMITS, makeZxid, NO_SESSION, trustedPath } from '@paddock/model';
import type { ReadResult, Stat } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { SessionAnswers } from '../src/session-answers.ts';
import { FrontendUnderTest, get as readOf, set, zxid } from './frontend-under-test.ts';

const MIB = 1024 * 1024;
const limits = { ...DEFAULT_LIMITS, slowReaderBytes: 16 * MIB };
const get = { kind: 'getData', path: trustedPath('/a'), watch: false } as const;
const exists = { kind: 'exists', path: trustedPath('/a'), watch: false } as const;
const stat: Stat = {
  czxid: makeZxid(1, 1),
  mzxid: makeZxid(1, 1),
  pzxid: makeZxid(1, 1),
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: NO_SESSION,
  dataLength: 0,
  numChildren: 0,
  kind: 'persistent',
  ttlMs: 0,
};

const large: ReadResult = { kind: 'data', data: new Uint8Array(MIB), stat };
const small: ReadResult = { kind: 'data', data: new Uint8Array(100), stat };

function data(bytes: number): ReadResult {
  return bytes === MIB ? large : small;
}

/** Asks as long as there is room; how many more go. */
function fill(window: SessionAnswers, most = 2000): number {
  let asked = 0;
  while (asked < most && window.hasRoom(get)) {
    window.asked(get);
    asked++;
  }
  return asked;
}

describe('the reads of a session that are under way', () => {
  it('are few while nothing is known of their answers: the largest fit what is held for a client', () => {
    const window = new SessionAnswers(limits);
    const count = fill(window);
    expect(count).toBeGreaterThanOrEqual(10);
    expect(count * MIB).toBeLessThanOrEqual(limits.slowReaderBytes);
  });

  it('stay within half of it while answers are large', () => {
    const window = new SessionAnswers(limits);
    let inFlight = fill(window);
    for (let n = 0; n < 100; n++) {
      window.answered(get, data(MIB));
      inFlight += fill(window) - 1;
    }
    expect(inFlight * MIB).toBeLessThanOrEqual(limits.slowReaderBytes / 2);
    expect(inFlight).toBeGreaterThan(4);
  });

  it('become a whole pipeline when answers are small', () => {
    const window = new SessionAnswers(limits);
    let inFlight = fill(window);
    for (let n = 0; n < 100; n++) {
      window.answered(get, data(100));
      inFlight += fill(window) - 1;
    }
    expect(inFlight).toBeGreaterThan(limits.outstandingPerSession);
  });

  it('stay within the bound where one in many answers is large', () => {
    for (const period of [2, 10, 50, 90, 150]) {
      const window = new SessionAnswers(limits);
      const sizeOf = (n: number): number => (n % period === 0 ? MIB : 100);
      let asked = fill(window, limits.outstandingPerSession);
      for (let answered = 0; answered < 2000; answered++) {
        window.answered(get, data(sizeOf(answered)));
        asked += fill(window, limits.outstandingPerSession - (asked - answered - 1));
        const large = Math.floor((asked - 1) / period) - Math.floor(answered / period);
        expect(large * MIB).toBeLessThanOrEqual(limits.slowReaderBytes);
      }
    }
  });

  it('are none of those with unknown answers while the client does not read', () => {
    const window = new SessionAnswers(limits);
    window.setFull(true, 1);
    expect(window.hasRoom(get)).toBe(false);
    expect(window.hasRoom(exists)).toBe(false);
    window.setFull(false, 2);
    expect(window.hasRoom(get)).toBe(true);
  });

  it('are as many as are asked where answers are small by their kind', () => {
    const window = new SessionAnswers(limits);
    fill(window);
    for (let n = 0; n < 1000; n++) {
      expect(window.hasRoom(exists)).toBe(true);
      window.asked(exists);
    }
    window.answered(exists, { kind: 'stat', stat });
    expect(window.hasRoom(get)).toBe(false);
  });
});

describe('a session', () => {
  it('asks for no more while its client does not read, and its later writes wait; then it goes on', () => {
    const front = new FrontendUnderTest().start();
    const a = front.open();
    front.step({ kind: 'clientFull', link: a.link, full: true });
    front.operations(a.link, 1, [readOf('/a'), set('/a'), readOf('/b')]);
    front.database({ kind: 'readsAccepted', reads: 0 }, { kind: 'applied', zxid: zxid(9) });
    expect(front.takeDatabase().filter((it) => it.kind === 'read')).toEqual([]);
    expect(front.takeWrites()).toEqual([]);
    front.step({ kind: 'clientFull', link: a.link, full: false });
    expect(front.takeDatabase().filter((it) => it.kind === 'read')).toHaveLength(2);
    front.database({ kind: 'readsAccepted', reads: 2 });
    expect(front.takeWrites()).toEqual([1]);
  });

  it('ends a connection whose client has not read for the time of the session', () => {
    const front = new FrontendUnderTest().start();
    const a = front.open();
    front.elapse(1000);
    front.step({ kind: 'clientFull', link: a.link, full: true });
    for (let n = 0; n < 8; n++) {
      front.elapse(1000);
      front.step({ kind: 'clientFull', link: a.link, full: true });
      front.step({ kind: 'tick' });
      const touch = front.takeProcessor().find((it) => it.kind === 'touch');
      if (touch?.kind === 'touch') front.processor({ kind: 'touched', round: touch.round });
    }
    expect(front.takeClient(a.link).filter((it) => it.kind === 'ended')).toEqual([]);
    front.elapse(2000);
    front.step({ kind: 'tick' });
    expect(front.takeClient(a.link).find((it) => it.kind === 'ended')).toMatchObject({
      cause: 'resumeElsewhere',
      reason: 'the client does not read what it is sent',
    });
  });

  it('asks for all in the end, whatever the answers, also after the database was lost', () => {
    const front = new FrontendUnderTest().start();
    const a = front.open();
    const count = 100;
    front.operations(
      a.link,
      1,
      Array.from({ length: count }, () => readOf('/a')),
    );
    front.loseDatabase();
    front.connectDatabase();
    front.database(front.attachAnswer(a, zxid(9)));
    for (let read = 1; read <= count; read++) front.database(front.data(read, zxid(9)));
    expect(front.takeResults(a.link)).toHaveLength(count);
  });
});
