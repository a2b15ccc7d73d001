import type { DeliveryRequest, LogEntry } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  creation,
  DatabaseWorld,
  FRONTEND_A,
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
