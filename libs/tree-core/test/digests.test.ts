import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { DeliveryRequest, LogEntry } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  creation,
  DatabaseWorld,
  FRONTEND_A,
  PROCESSOR,
  readOf,
  session,
  setting,
  zxid,
} from './database-world.ts';

const alice = session(1);
const EVERY_4 = { digestInterval: 4 };

type DigestMessage = Extract<DeliveryRequest, { readonly kind: 'digest' }>;

function digests(world: DatabaseWorld): DigestMessage[] {
  return world.deliveries.filter((it) => it.kind === 'digest');
}

/** A log of two epochs: markers, a session and znodes. */
function log(): LogEntry[] {
  const world = new DatabaseWorld().start();
  world.deliver(world.marker());
  world.open(alice, attachment(FRONTEND_A));
  for (let i = 0; i < 9; i++) world.create(`/a${i}`, { session: alice, sequence: i + 1 });
  world.deliver(world.marker(2));
  for (let i = 0; i < 9; i++) world.apply(setting(`/a${i}`, 1));
  return world.log;
}

describe('digests', () => {
  test('H22: are told at zxids whose counter the interval divides, in every epoch', () => {
    const world = new DatabaseWorld(EVERY_4).start();
    world.deliver(...log());
    expect(digests(world).map((it) => it.zxid)).toEqual([zxid(4), zxid(8), zxid(4, 2), zxid(8, 2)]);
  });

  test('H22: equal databases tell equal ones, however the log reached them', () => {
    const atOnce = new DatabaseWorld(EVERY_4).start();
    atOnce.deliver(...log());
    const oneByOne = new DatabaseWorld(EVERY_4).start();
    for (const entry of log()) oneByOne.deliver(entry);
    expect(digests(oneByOne)).toEqual(digests(atOnce));

    const donor = new DatabaseWorld({ snapshotTransactions: 5 }).start();
    donor.deliver(...log().slice(0, 5));
    const { chunks, zxid: at } = donor.finishSnapshot();
    const fromSnapshot = new DatabaseWorld(EVERY_4).start(chunks, at);
    fromSnapshot.deliver(...log());
    expect(digests(fromSnapshot)).toEqual(digests(atOnce).slice(1));
  });

  test('P10: a different znode, and a different outcome, show', () => {
    const of = (...changes: readonly LogEntry[]): readonly Uint8Array[] => {
      const world = new DatabaseWorld({ digestInterval: 1 }).start();
      world.deliver(...changes);
      return digests(world).map((it) => it.digest);
    };
    const world = new DatabaseWorld();
    const opened = world.entry({
      kind: 'openSession',
      session: alice,
      timeoutMs: 1,
      secretHash: new Uint8Array(32),
      attachment: attachment(1),
      windowCount: 10,
      windowBytes: 1000,
    });
    const made = world.entry(creation('/a', Uint8Array.of(1)), { session: alice, sequence: 1 });
    const other = { ...made, payload: made.payload.map((byte) => byte) };
    const at = other.payload.lastIndexOf('a'.charCodeAt(0));
    other.payload[at] = 'b'.charCodeAt(0);
    const [first, second] = of(opened, made);
    const [same, different] = of(opened, other);
    expect(first).toHaveLength(16);
    expect(same).toEqual(first);
    expect(different?.slice(0, 8)).not.toEqual(second?.slice(0, 8));
    expect(different?.slice(8)).not.toEqual(second?.slice(8));
  });
});

describe('verdicts', () => {
  const VERDICTS = { digestInterval: 4, snapshotTransactions: 6, eventHistory: 10 };

  /** Has told its digest at 1.4 and 1.8, and has begun a snapshot at 1.6; two neighbours. */
  function world(limits = VERDICTS): DatabaseWorld {
    const it = new DatabaseWorld(limits).start();
    it.connect(FRONTEND_A);
    it.step({ kind: 'processorConnected', link: PROCESSOR });
    for (let i = 1; i <= 9; i++) it.create(`/a${i}`);
    it.told(FRONTEND_A);
    return it;
  }

  const verdict = (at: number, said: 'agreed' | 'undecided' | 'contradicted') =>
    ({ kind: 'digestVerdict', zxid: zxid(at), verdict: said }) as const;

  function alarms(it: DatabaseWorld): unknown[] {
    return it.events
      .filter(({ message }) => message.startsWith('the verdict'))
      .map(({ level, detail }) => `${level} ${String(detail?.['verdict'])}`);
  }

  test('H22: without a majority no snapshot is taken, and the database goes on serving', () => {
    const it = world();
    expect(it.core).toMatchObject({ takesSnapshots: true, wantsSlice: true });
    it.say(verdict(4, 'agreed'), verdict(8, 'undecided'), verdict(8, 'undecided'));
    expect(it.commands.at(-1)).toEqual({ kind: 'abandon' });
    expect(it.core).toMatchObject({ takesSnapshots: false, wantsSlice: false });
    for (let i = 1; i <= 20; i++) it.create(`/b${i}`);
    it.step({ kind: 'tick' });
    it.step({ kind: 'snapshotWanted', atLeast: zxid(1) });
    expect(it.commands.at(-1)).toEqual({ kind: 'abandon' });
    it.ask(FRONTEND_A, readOf(NO_SESSION, '/a1'));
    expect(it.told(FRONTEND_A).at(-2)).toMatchObject({ result: { kind: 'data' } });
    // The wrong one may be this one: what came after the last agreement is not handed on.
    expect([4, 5, 6].map((at) => it.core.offersSnapshot(zxid(at)))).toEqual([true, false, false]);
    expect(alarms(it)).toEqual(['info agreed', 'error undecided']);
    it.say(verdict(28, 'agreed'));
    expect(it.core.takesSnapshots).toBe(true);
    it.step({ kind: 'tick' });
    expect(it.commands.at(-2)).toMatchObject({ kind: 'begin', zxid: zxid(29) });
    expect(alarms(it)).toEqual(['info agreed', 'error undecided', 'info agreed']);
  });

  test('H22: a database that a majority contradicts stops serving at once', () => {
    const it = world();
    it.say(verdict(4, 'agreed'), verdict(8, 'contradicted'));
    expect(it.told(FRONTEND_A)).toMatchObject([{ kind: 'serving', serving: false }]);
    const end = { cause: 'refused', reason: 'the database differs from those of a majority' };
    expect(it.closed).toEqual([
      { link: FRONTEND_A, end },
      { link: PROCESSOR, end },
    ]);
    expect(it.contradictions).toEqual([
      {
        zxid: zxid(8),
        digest: digests(it).at(-1)?.digest,
        agreed: zxid(4),
        applied: zxid(9),
      },
    ]);
    expect([4, 5].map((at) => it.core.offersSnapshot(zxid(at)))).toEqual([true, false]);
    expect(it.core).toMatchObject({ takesSnapshots: false });
    expect(alarms(it)).toEqual(['info agreed', 'error contradicted']);
    // Neither does it come back by itself.
    it.step({ kind: 'tick' });
    it.connect(3);
    it.step({ kind: 'processorConnected', link: PROCESSOR + 1 });
    expect(it.told(3)).toEqual([]);
    expect(it.closed.slice(2)).toEqual([
      { link: 3, end },
      { link: PROCESSOR + 1, end },
    ]);
    it.create('/b');
    it.create('/c');
    it.create('/d');
    it.say(verdict(12, 'agreed'));
    expect(it.core.status()).toMatchObject({ isServing: false, verdict: 'contradicted' });
  });

  test('H22: what it has in memory is kept as evidence, as it was when it was found wrong', () => {
    const it = world();
    it.say(verdict(8, 'contradicted'));
    expect(it.commands.slice(-3)).toMatchObject([
      { kind: 'abandon' },
      { kind: 'beginEvidence', zxid: zxid(9) },
      { kind: 'write' },
    ]);
    const begun = it.commands.length - 1;
    // What waits in the link is applied still, and that a snapshot is to be fetched hinders nothing.
    it.create('/late');
    it.say({ kind: 'snapshotNeeded', atLeast: zxid(9), databaseAddress: 'leader' });
    for (let turn = 0; turn < 20 && it.core.wantsSlice; turn++) {
      it.step({ kind: 'continueSnapshot' });
      it.writeSnapshot();
    }
    expect(it.commands.at(-1)).toMatchObject({ kind: 'finish' });
    const chunks = it.commands
      .slice(begun)
      .flatMap((command) => (command.kind === 'write' ? [command.chunk] : []));
    it.step({ kind: 'evidenceEnded' });
    expect(it.core.status()).toMatchObject({ isTakingSnapshot: false, newestSnapshot: ZXID_ZERO });
    const wrong = new DatabaseWorld().start(chunks, zxid(9));
    expect(wrong.fatal).toBeNull();
    expect(wrong.core.status()).toMatchObject({ applied: zxid(9), znodes: 10 });
  });

  test('H22: a broadcaster that is new learns of the digest that was found wrong', () => {
    const it = world();
    it.say(verdict(4, 'contradicted'));
    const told = digests(it)[0];
    it.step({ kind: 'broadcasterConnected', link: 21 });
    expect(it.deliveries.slice(-2)).toMatchObject([{ kind: 'deliver' }, { ...told }]);
  });

  test('H22: a verdict that is unknown, late, or about another life of the database changes nothing', () => {
    const it = world();
    it.say(verdict(5, 'contradicted'), verdict(12, 'contradicted'));
    expect(it.core.status()).toMatchObject({ isServing: true, verdict: null });
    it.say(verdict(8, 'agreed'), verdict(4, 'contradicted'), verdict(4, 'undecided'));
    expect(it.core.status()).toMatchObject({ isServing: true, verdict: 'agreed' });
    expect(it.core.takesSnapshots).toBe(true);
    expect(alarms(it)).toEqual(['info agreed']);
  });

  test('H8: a snapshot that others want is taken at once, or as soon as that is applied', () => {
    const it = world({ ...VERDICTS, snapshotTransactions: 1000 });
    it.step({ kind: 'snapshotWanted', atLeast: zxid(10) });
    expect(it.commands).toEqual([]);
    it.create('/b');
    expect(it.commands[0]).toEqual({ kind: 'begin', zxid: zxid(10) });
    it.step({ kind: 'snapshotWanted', atLeast: zxid(11) });
    it.create('/c');
    it.finishSnapshot();
    it.step({ kind: 'tick' });
    expect(it.commands.filter(({ kind }) => kind === 'begin')).toEqual([
      { kind: 'begin', zxid: zxid(10) },
      { kind: 'begin', zxid: zxid(11) },
    ]);
    it.finishSnapshot();
    it.create('/d');
    it.step({ kind: 'tick' });
    expect(it.commands.at(-1)).toMatchObject({ kind: 'finish' });
  });
});
