import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { dataEntry, zxid } from '../stages/entries.ts';
import { appliedOf, digestsOf, isUpToDate, logTo, NEW, pair } from './pair.ts';
import { LEADER, Receiver, TransferWorld } from './transfer-world.ts';
import type { DatabaseUnderTest } from './transfer-world.ts';

interface Scene {
  readonly world: TransferWorld;
  readonly leader: DatabaseUnderTest;
}

/** A leader's database that has applied so much and has no snapshot unless it is told to take them. */
function scene(applied = NEW, limits = {}): Scene {
  const world = new TransferWorld(limits);
  const leader = world.database(1, LEADER, logTo(applied));
  leader.start();
  expect(world.until(() => appliedOf(leader) === zxid(applied))).toBe(true);
  return { world, leader };
}

function fetching(world: TransferWorld, atLeast: Zxid): Receiver {
  const receiver = new Receiver(world, LEADER);
  receiver.link.send([{ kind: 'fetch', atLeast }]);
  return receiver;
}

/** The zxid of what a receiver was sent, and whether it was whole. */
function got({ heard }: Receiver): string {
  const begin = heard[0];
  const end = heard.at(-1);
  if (begin?.kind !== 'snapshotBegins') return 'nothing';
  const chunks = heard.filter(({ kind }) => kind === 'chunk').length;
  const isWhole = end?.kind === 'snapshotEnds' && end.chunks === chunks;
  return `${formatZxid(begin.zxid)} ${isWhole ? 'whole' : 'in part'}`;
}

/** Delivers what the leader goes on to commit. */
function go(leader: DatabaseUnderTest, from: number, to: number): void {
  leader.broadcaster.say({ kind: 'entries', entries: logTo(to).slice(from) });
}

describe('a database that others fetch a snapshot from', () => {
  it('H8: sends the newest that is new enough, and takes none for that', () => {
    const { world, leader } = scene();
    const first = fetching(world, zxid(1));
    expect(world.until(() => first.isDone)).toBe(true);
    go(leader, NEW, NEW + 10);
    world.until(() => appliedOf(leader) === zxid(NEW + 10));
    const second = fetching(world, zxid(NEW));
    const third = fetching(world, zxid(NEW + 1));
    expect(world.until(() => second.isDone && third.isDone)).toBe(true);
    expect([first, second, third].map(got)).toEqual(['1.200 whole', '1.200 whole', '1.210 whole']);
    expect(first.end).toMatchObject({ cause: 'closed' });
  });

  it('H8: sends one that is not due yet as soon as it may be taken', () => {
    const { world, leader } = scene();
    const receiver = fetching(world, zxid(NEW + 5));
    world.pass(2000);
    expect(got(receiver)).toBe('nothing');
    go(leader, NEW, NEW + 5);
    expect(world.until(() => receiver.isDone)).toBe(true);
    expect(got(receiver)).toBe('1.205 whole');
  });

  it('H16: sends no more than the link holds to one that does not read, and the others theirs', () => {
    const { world, leader } = scene();
    const slow = fetching(world, zxid(1));
    slow.link.pause();
    const quick = [fetching(world, zxid(1)), fetching(world, zxid(1))];
    expect(world.until(() => quick.every((it) => it.isDone))).toBe(true);
    expect(leader.status()['snapshotsServed']).toBe(1);
    slow.link.resume();
    expect(world.until(() => slow.isDone)).toBe(true);
    expect([slow, ...quick].map(got)).toEqual(Array(3).fill('1.200 whole'));
    expect(slow.heard).toEqual(quick[0]?.heard);
  });

  it('H8: keeps what is being read, and cuts a reader that has stalled', () => {
    const { world, leader } = scene(NEW, { snapshotsKept: 1, digestInterval: 10 });
    leader.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(NEW), verdict: 'agreed' });
    const slow = fetching(world, zxid(1));
    expect(world.until(() => leader.files().length === 1)).toBe(true);
    world.until(() => slow.heard.length > 0);
    slow.link.pause();
    world.pass(1000);
    for (const to of [NEW + 10, NEW + 20]) {
      go(leader, to - 10, to);
      world.until(() => appliedOf(leader) === zxid(to));
      const other = fetching(world, zxid(to));
      expect(world.until(() => other.isDone)).toBe(true);
    }
    const names = ['snapshot.000001.000000c8', 'snapshot.000001.000000dc'];
    expect(leader.files()).toEqual(names);
    // The log is kept as far back as that.
    expect(leader.broadcaster.heard.at(-1)).toMatchObject({ purgeBelow: zxid(NEW) });
    expect(world.until(() => leader.status()['snapshotsServed'] === 0, 40_000)).toBe(true);
    slow.link.resume();
    world.pass(100);
    expect(slow.end).toMatchObject({ cause: 'tooSlow' });
    expect(got(slow)).toBe('1.200 in part');
    go(leader, NEW + 20, NEW + 30);
    world.until(() => appliedOf(leader) === zxid(NEW + 30));
    leader.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(NEW + 30), verdict: 'agreed' });
    const last = fetching(world, zxid(NEW + 30));
    expect(world.until(() => last.isDone)).toBe(true);
    world.pass(100);
    expect(leader.files()).toEqual(['snapshot.000001.000000e6']);
  });

  it('H8: does not hand on a file that has become bad, and takes another', () => {
    const { world, leader } = scene();
    const first = fetching(world, zxid(1));
    expect(world.until(() => first.isDone)).toBe(true);
    leader.disk.damage('snapshot.000001.000000c8', (bytes) => bytes.with(5000, 1));
    const second = fetching(world, zxid(1));
    expect(world.until(() => second.end !== null)).toBe(true);
    expect(second.isDone).toBe(false);
    expect(second.end).toMatchObject({ cause: 'refused' });
    const third = fetching(world, zxid(1));
    expect(world.until(() => third.isDone)).toBe(true);
    expect(leader.events.filter(({ level }) => level === 'error')).toHaveLength(1);
    const { detail } = leader.events.find(({ level }) => level === 'error') ?? {};
    expect(String(detail?.['reason'])).toContain('checksum');
  });

  it('refuses a second request on a link', () => {
    const { world } = scene();
    const receiver = fetching(world, zxid(NEW + 1));
    receiver.link.send([{ kind: 'fetch', atLeast: zxid(1) }]);
    expect(world.until(() => receiver.end !== null)).toBe(true);
    expect(receiver.end).toMatchObject({ cause: 'refused' });
  });

  it('H22: without a majority it hands on only what was agreed on', () => {
    const { world, leader } = scene();
    const first = fetching(world, zxid(1));
    expect(world.until(() => first.isDone)).toBe(true);
    const early = fetching(world, zxid(NEW + 1));
    world.pass(100);
    leader.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(150), verdict: 'agreed' });
    leader.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(200), verdict: 'undecided' });
    const late = fetching(world, zxid(1));
    expect(world.until(() => early.end !== null && late.end !== null)).toBe(true);
    expect([early, late].map(got)).toEqual(['nothing', 'nothing']);
    leader.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(200), verdict: 'agreed' });
    world.pass(100);
    const again = fetching(world, zxid(1));
    expect(world.until(() => again.isDone)).toBe(true);
  });
});

describe('a database that a majority contradicts', () => {
  it('H22: keeps the evidence, hands nothing on, and serves again with the snapshot of another', () => {
    const all = pair();
    const { world, leader, behind } = all;
    behind.broadcaster.base = zxid(1);
    behind.broadcaster.log.splice(0, Infinity, ...logTo(NEW));
    behind.start();
    expect(world.until(() => appliedOf(behind) === zxid(NEW))).toBe(true);
    expect(world.until(() => behind.status()['newestSnapshot'] !== '1.40')).toBe(true);
    world.pass(1000);
    const before = behind.files();
    behind.connectFrontend();
    const fetchingFromIt = new Receiver(world, behind.address);
    fetchingFromIt.link.send([{ kind: 'fetch', atLeast: zxid(NEW + 50) }]);
    world.pass(100);
    behind.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(200), verdict: 'contradicted' });
    world.pass(100);
    expect(behind.frontendHeard.at(-1)).toMatchObject({ kind: 'serving', serving: false });
    expect(behind.frontendEnds).toMatchObject([{ cause: 'refused' }]);
    expect(fetchingFromIt.end).toMatchObject({ cause: 'refused' });
    expect(behind.stage.health()).toMatchObject({ serving: false });
    const told = 'evidence.snapshot.000001.000000c8.json';
    const memory = 'evidence.snapshot.000001.000000c8.memory';
    const evidence = [...before.map((it) => `evidence.${it}`), told, memory];
    expect(behind.files()).toEqual(evidence);
    const content: unknown = JSON.parse(new TextDecoder().decode(behind.disk.content(told)));
    expect(content).toMatchObject({ zxid: '1.200', agreed: '0.0', applied: '1.200' });
    // A restart loads none of that.
    behind.kill();
    behind.disk = behind.disk.crash();
    behind.broadcaster.base = zxid(NEW);
    behind.broadcaster.log.splice(0, Infinity, ...logTo(NEW + 20).slice(NEW));
    behind.start();
    expect(behind.status()).toMatchObject({ applied: '0.0' });
    expect(isUpToDate(all)).toBe(true);
    world.pass(1000);
    expect(behind.status()).toMatchObject({ isServing: true, verdict: null });
    go(leader, NEW, NEW + 20);
    world.pass(1000);
    expect(digestsOf(behind)).toEqual(digestsOf(leader));
    expect(behind.files()).toEqual([...evidence, 'snapshot.000001.000000c8']);
    // A verdict that comes late was about the one that is gone.
    behind.broadcaster.say({ kind: 'digestVerdict', zxid: zxid(200), verdict: 'contradicted' });
    world.pass(1000);
    expect(behind.status()).toMatchObject({ isServing: true, verdict: null });
  });

  it('H22: is replaced while it runs, and what was agreed on before is still there', () => {
    const all = pair();
    const { world, behind } = all;
    behind.broadcaster.base = zxid(1);
    // One znode of the leader's is not there.
    const wrong = logTo(NEW);
    wrong[99] = dataEntry(100, { kind: 'dropTombstones', through: zxid(1) });
    behind.broadcaster.log.splice(0, Infinity, ...wrong);
    behind.start();
    expect(world.until(() => appliedOf(behind) === zxid(NEW))).toBe(true);
    world.pass(1000);
    expect(digestsOf(behind)).not.toEqual(digestsOf(all.leader));
    behind.broadcaster.say(
      { kind: 'digestVerdict', zxid: zxid(50), verdict: 'agreed' },
      { kind: 'digestVerdict', zxid: zxid(200), verdict: 'contradicted' },
      { kind: 'snapshotNeeded', atLeast: zxid(NEW), databaseAddress: LEADER },
    );
    expect(world.until(() => behind.dialled.includes(LEADER))).toBe(true);
    expect(behind.status()).toMatchObject({ verdict: 'contradicted', isServing: false });
    expect(world.until(() => behind.status()['isServing'] === true)).toBe(true);
    expect(digestsOf(behind)).toEqual(digestsOf(all.leader));
    expect(behind.failures).toEqual([]);
    // Of the snapshots that it had, at 1.40 and behind 1.50, the first one is still one.
    expect(behind.files().filter((it) => it.startsWith('snapshot'))).toEqual([
      'snapshot.000001.00000028',
      'snapshot.000001.000000c8',
    ]);
  });
});
