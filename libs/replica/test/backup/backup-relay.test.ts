import type { Sending } from '@paddock/link-grpc';
import { SUPER, ZXID_ZERO } from '@paddock/model';
import type { Identities, SnapshotReply } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { BackupRelay } from '../../src/backup-relay.ts';
import { zxid } from '../stages/entries.ts';
import { appliedOf, logTo, NEW } from '../transfer/pair.ts';
import { LEADER, TransferWorld } from '../transfer/transfer-world.ts';
import type { DatabaseUnderTest } from '../transfer/transfer-world.ts';

const HERE: Identities = [{ scheme: 'ip', id: '127.0.0.1' }];
const ELSEWHERE: Identities = [{ scheme: 'ip', id: '10.0.0.7' }];

/** A client. It takes nothing more once it is full, until it is drained. */
class Client {
  readonly parts: SnapshotReply[] = [];
  failure: string | null = null;
  isFull = false;
  readonly sending: Sending;

  constructor(relay: BackupRelay, atLeast = ZXID_ZERO, identities: Identities = HERE) {
    this.sending = relay.backup(
      atLeast,
      {
        part: (part) => {
          this.parts.push(part);
          return !this.isFull;
        },
        failed: (code, reason) => {
          this.failure = `${code}: ${reason}`;
        },
      },
      identities,
    );
  }

  get isDone(): boolean {
    return this.parts.at(-1)?.kind === 'snapshotEnds';
  }

  get chunks(): number {
    return this.parts.filter(({ kind }) => kind === 'chunk').length;
  }

  /** It was sent the first and the last part, and all in between. */
  get isWhole(): boolean {
    const end = this.parts.at(-1);
    const isEnd = end?.kind === 'snapshotEnds' && end.chunks === this.chunks;
    return isEnd && this.parts[0]?.kind === 'snapshotBegins';
  }
}

interface Scene {
  readonly world: TransferWorld;
  readonly database: DatabaseUnderTest;
  readonly relay: BackupRelay;
}

function scene(): Scene {
  const world = new TransferWorld();
  const database = world.database(1, LEADER, logTo(NEW));
  database.start();
  expect(world.until(() => appliedOf(database) === zxid(NEW))).toBe(true);
  const relay = new BackupRelay({ address: LEADER, dialer: world.snapshots, hasSuper: false });
  return { world, database, relay };
}

describe('a backup that a client asks for', () => {
  it('is a snapshot of what the database has by then, whole', () => {
    const { world, relay } = scene();
    const client = new Client(relay, zxid(NEW));
    expect(world.until(() => client.isDone)).toBe(true);
    expect(client.isWhole).toBe(true);
    expect(client.parts[0]).toMatchObject({ kind: 'snapshotBegins', zxid: zxid(NEW) });
    expect(client.failure).toBeNull();
  });

  it('waits for what it must not be older than', () => {
    const { world, database, relay } = scene();
    const client = new Client(relay, zxid(NEW + 3));
    world.pass(2000);
    expect(client.parts).toEqual([]);
    database.broadcaster.say({ kind: 'entries', entries: logTo(NEW + 5).slice(NEW) });
    expect(world.until(() => client.isDone)).toBe(true);
    expect(client.parts[0]).toMatchObject({ zxid: zxid(NEW + 5) });
  });

  it('H16: is read no faster than its client takes it', () => {
    const { world, relay } = scene();
    const client = new Client(relay, zxid(NEW));
    client.isFull = true;
    world.pass(2000);
    const { length } = client.parts;
    expect(length).toBeGreaterThan(0);
    expect(client.isDone).toBe(false);
    client.sending.drained();
    world.pass(2000);
    expect(client.parts.length).toBeGreaterThan(length);
    client.isFull = false;
    client.sending.drained();
    expect(world.until(() => client.isDone)).toBe(true);
    expect(client.isWhole).toBe(true);
  });

  it('is refused beyond two at a time, and one that ends or is given up makes room', () => {
    const { world, database, relay } = scene();
    const first = new Client(relay, zxid(NEW + 1));
    const second = new Client(relay, zxid(NEW + 1));
    const third = new Client(relay, zxid(NEW));
    expect(third.failure).toContain('throttled');
    first.sending.cancel();
    const fourth = new Client(relay, zxid(NEW));
    expect(world.until(() => fourth.isDone)).toBe(true);
    database.broadcaster.say({ kind: 'entries', entries: logTo(NEW + 1).slice(NEW) });
    expect(world.until(() => second.isDone)).toBe(true);
    expect([second, fourth].map((it) => it.isWhole)).toEqual([true, true]);
    expect([first.failure, first.parts]).toEqual([null, []]);
  });

  it('fails where the database goes, and says so once', () => {
    const { world, database, relay } = scene();
    const client = new Client(relay, zxid(NEW));
    client.isFull = true;
    world.pass(1000);
    database.kill();
    client.isFull = false;
    client.sending.drained();
    world.pass(1000);
    expect(client.isDone).toBe(false);
    expect(client.failure).toContain('notServing: the database of this replica');
    client.failure = null;
    relay.stop();
    expect(client.failure).toBeNull();
  });

  it('fails where there is no database, and where the front-end stops', () => {
    const { world, database, relay } = scene();
    const early = new Client(relay, zxid(NEW + 1));
    world.pass(10);
    relay.stop();
    expect(early.failure).toContain('notServing: the front-end stops');
    database.kill();
    const nowhere = new BackupRelay({
      address: 'nowhere',
      dialer: world.snapshots,
      hasSuper: false,
    });
    const client = new Client(nowhere);
    world.pass(1000);
    expect(client.failure).toContain('notServing');
  });

  it('is for the user super alone, or where there is none for callers on the machine', () => {
    const { world, relay } = scene();
    const address = LEADER;
    const guarded = new BackupRelay({ address, dialer: world.snapshots, hasSuper: true });
    expect(new Client(relay, ZXID_ZERO, ELSEWHERE).failure).toContain('noAuth');
    expect(new Client(relay, ZXID_ZERO, []).failure).toContain('noAuth');
    expect(new Client(guarded, ZXID_ZERO, HERE).failure).toContain('noAuth');
    for (const [of, identities] of [
      [relay, HERE],
      [relay, [{ scheme: 'ip', id: '::1' }]],
      [guarded, [...ELSEWHERE, SUPER]],
    ] as const) {
      const client = new Client(of, zxid(NEW), identities);
      expect(world.until(() => client.isDone)).toBe(true);
      expect(client.failure).toBeNull();
    }
  });
});
