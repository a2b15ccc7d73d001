import { encodeRestoration } from '@paddock/codec';
import { EPOCH_LEAP, trustedPath } from '@paddock/model';
import type { LogEntry, SnapshotReply, SnapshotRequest } from '@paddock/model';
import type { Link } from '@paddock/ports';
import { Restoration } from '@paddock/tree-core';
import { describe, expect, it } from 'vitest';
import { dataEntry, zxid } from '../stages/entries.ts';
import { appliedOf, digestsOf, logTo } from '../transfer/pair.ts';
import { BEHIND, LEADER, TransferWorld } from '../transfer/transfer-world.ts';
import type { DatabaseUnderTest } from '../transfer/transfer-world.ts';
import { takenChunks, ZNODES } from './backup-fixture.ts';

const CHUNKS = takenChunks();
const CLOCK = { monotonicMs: () => 0, wallMs: () => 0 };
/** The entry that restores it; the log goes on behind it. */
const AT = ZNODES + 20;

function nameOf(chunks: readonly Uint8Array[], offer = 'ab'): string {
  const restoration = new Restoration({ unusedContainerMs: 1000, chunkBytes: 1000 }, CLOCK);
  for (const chunk of chunks) restoration.add(chunk);
  restoration.loaded(zxid(ZNODES));
  return restoration.name(offer);
}

const NAME = nameOf(CHUNKS);

function restoration(backup = NAME): LogEntry {
  return {
    zxid: zxid(AT),
    kind: 'restoration',
    payload: encodeRestoration({ backup, time: 1, leader: 1 }),
  };
}

/** An operator, who brings a backup. */
class Operator {
  readonly heard: SnapshotReply[] = [];
  readonly link: Link<SnapshotRequest[]>;
  end = '';

  constructor(world: TransferWorld, address: string, chunks = CHUNKS, backup = NAME) {
    this.link = world.snapshots.dial(address, {
      received: (batch) => void this.heard.push(...batch),
      drained: () => undefined,
      ended: ({ reason }) => {
        this.end = reason;
      },
    });
    this.link.send([{ kind: 'offerBackup', backup }]);
    for (const chunk of chunks) this.link.send([{ kind: 'backupChunk', chunk }]);
    this.link.send([{ kind: 'backupEnds', chunks: chunks.length }]);
  }

  get isHeld(): boolean {
    return this.heard.some((it) => it.kind === 'backupHeld');
  }
}

interface Scene {
  readonly world: TransferWorld;
  readonly database: DatabaseUnderTest;
}

/** A database that has applied all that comes before the restoration. */
function scene(): Scene {
  const world = new TransferWorld();
  const database = world.database(1, LEADER, logTo(AT - 1));
  database.start();
  expect(world.until(() => appliedOf(database) === zxid(AT - 1))).toBe(true);
  return { world, database };
}

function bring({ world, database }: Scene): void {
  const operator = new Operator(world, database.address);
  expect(world.until(() => operator.isHeld)).toBe(true);
}

function say(database: DatabaseUnderTest, ...entries: LogEntry[]): void {
  database.broadcaster.log.push(...entries);
  database.broadcaster.say({ kind: 'entries', entries });
}

describe('a backup that an operator brings', () => {
  it('is held once it is durable and verified, and the broadcaster hears of it', () => {
    const it = scene();
    bring(it);
    expect(it.database.files()).toContain(`backup.${NAME}`);
    it.world.pass(10);
    expect(it.database.broadcaster.heard.at(-1)).toEqual({ kind: 'backupHeld', backup: NAME });
    it.database.kill();
    it.database.disk = it.database.disk.crash();
    it.database.broadcaster.heard.length = 0;
    it.database.start();
    it.world.pass(100);
    expect(it.database.broadcaster.heard).toContainEqual({ kind: 'backupHeld', backup: NAME });
  });

  it('is held also where it is of a later zxid than the database has come to', () => {
    const world = new TransferWorld();
    const database = world.database(1, LEADER, logTo(ZNODES - 1));
    database.start();
    expect(world.until(() => appliedOf(database) === zxid(ZNODES - 1))).toBe(true);
    bring({ world, database });
  });

  it('H24: is refused where its epoch is so far above that nobody would believe in a later one', () => {
    const it = scene();
    const far = NAME.replace(/^\w{8}/u, (EPOCH_LEAP + 1).toString(16).padStart(8, '0'));
    const operator = new Operator(it.world, LEADER, CHUNKS, far);
    expect(it.world.until(() => operator.end !== '')).toBe(true);
    expect(operator.end).toContain('far above all that is known here');
  });

  it('is taken for held where its operator brings it again', () => {
    const it = scene();
    bring(it);
    bring(it);
    expect(it.database.files().filter((name) => name.startsWith('backup'))).toHaveLength(1);
  });

  it('P10: is refused where it is not what its name says, and leaves nothing', () => {
    const { world, database } = scene();
    const wrong = CHUNKS.map((chunk) => chunk.slice());
    const chunk = wrong.find((it) => Buffer.from(it).indexOf(Buffer.alloc(400, 50)) >= 0);
    chunk?.fill(51, Buffer.from(chunk).indexOf(Buffer.alloc(400, 50)) + 200).fill(51, 0, 0);
    const cases: readonly (readonly [readonly Uint8Array[], string])[] = [
      [wrong, NAME],
      [CHUNKS.slice(0, -1), NAME],
      [CHUNKS, NAME.replace(/\.[0-9a-f]{16}\./u, '.0123456789abcdef.')],
      [CHUNKS, 'no.name'],
    ];
    for (const [chunks, name] of cases) {
      const operator = new Operator(world, LEADER, [...chunks], name);
      expect(world.until(() => operator.end !== '')).toBe(true);
      expect(operator.isHeld).toBe(false);
    }
    world.pass(100);
    expect(database.files().filter((it) => it.startsWith('backup'))).toEqual([]);
  });

  it('is fetched by the database of another replica where its broadcaster says so', () => {
    const it = scene();
    bring(it);
    const { world } = it;
    const other = world.database(2, BEHIND, logTo(AT - 1));
    other.start();
    world.pass(1000);
    other.broadcaster.say({ kind: 'backupNeeded', backup: NAME, databaseAddress: LEADER });
    const isHeld = (): boolean => other.broadcaster.heard.some((it) => it.kind === 'backupHeld');
    expect(world.until(isHeld)).toBe(true);
    expect(other.files()).toContain(`backup.${NAME}`);
  });
});

describe('a database whose next entry restores a backup', () => {
  it('goes on with what the backup has, and a snapshot of it; front-ends come anew', () => {
    const it = scene();
    bring(it);
    const { world, database } = it;
    database.connectFrontend();
    world.pass(10);
    say(database, restoration());
    expect(world.until(() => appliedOf(database) === zxid(AT))).toBe(true);
    expect(database.frontendEnds).toHaveLength(1);
    expect(database.status()).toMatchObject({ znodes: ZNODES - 1, sessions: 0, tombstones: 1 });
    expect(database.status()['newestSnapshot']).toBe(`1.${AT}`);
    const change = { kind: 'dropTombstones', through: zxid(1) } as const;
    say(database, dataEntry(AT + 1, change));
    expect(world.until(() => appliedOf(database) === zxid(AT + 1))).toBe(true);
    expect(database.failures).toEqual([]);
  });

  it('P7: comes to the same where it is killed at any step of its disk, and starts again', () => {
    const whole = scene();
    bring(whole);
    say(whole.database, restoration());
    expect(whole.world.until(() => appliedOf(whole.database) === zxid(AT))).toBe(true);
    const expected = digestsOf(whole.database);
    for (let steps = 0; steps < 14; steps++) {
      const it = scene();
      bring(it);
      const { world, database } = it;
      world.crashing = database;
      database.disk.crashBefore(database.disk.steps + steps);
      say(database, restoration());
      world.until(() => !database.isRunning, 1000);
      database.kill();
      world.crashing = null;
      database.disk = database.disk.crash();
      database.start();
      expect(
        world.until(() => appliedOf(database) === zxid(AT)),
        `step ${steps}`,
      ).toBe(true);
      expect(digestsOf(database)).toEqual(expected);
    }
  });

  it('keeps the backup as long as a start may replay the log from before it', () => {
    const it = scene();
    const first = it.database;
    it.world.pass(10);
    bring(it);
    say(first, restoration());
    expect(it.world.until(() => appliedOf(first) === zxid(AT))).toBe(true);
    it.world.pass(100);
    expect(first.files().filter((name) => name.startsWith('backup'))).toEqual([]);
  });

  it.each(['is not there', 'has become bad'])(
    'H8: goes on with the snapshot of another database where the backup %s',
    (what) => {
      const leader = scene();
      bring(leader);
      const { world } = leader;
      say(leader.database, restoration());
      expect(world.until(() => appliedOf(leader.database) === zxid(AT))).toBe(true);
      const it = world.database(2, BEHIND, logTo(AT - 1));
      it.start();
      expect(world.until(() => appliedOf(it) === zxid(AT - 1))).toBe(true);
      if (what === 'has become bad') {
        bring({ world, database: it });
        it.disk.damage(`backup.${NAME}`, (bytes) => bytes.with(5000, 1));
      }
      it.connectFrontend();
      say(it, restoration());
      const lost = (): boolean => it.broadcaster.heard.some(({ kind }) => kind === 'backupLost');
      expect(world.until(lost)).toBe(true);
      expect(it.stage.health().serving).toBe(false);
      it.broadcaster.say({
        kind: 'snapshotNeeded',
        atLeast: zxid(AT),
        databaseAddress: leader.database.address,
      });
      expect(world.until(() => appliedOf(it) === zxid(AT))).toBe(true);
      expect(digestsOf(it)).toEqual(digestsOf(leader.database));
      const change = { kind: 'dropTombstones', through: zxid(1) } as const;
      say(it, dataEntry(AT + 1, change));
      expect(world.until(() => appliedOf(it) === zxid(AT + 1))).toBe(true);
      expect(it.frontendEnds).toHaveLength(1);
      expect(it.failures).toEqual([]);
    },
  );

  it('H8: hands a snapshot of it to a database that is behind', () => {
    const it = scene();
    bring(it);
    const { world, database } = it;
    say(database, restoration());
    expect(world.until(() => appliedOf(database) === zxid(AT))).toBe(true);
    const change = { kind: 'setZnodeData', path: trustedPath('/z9'), version: 1 } as const;
    const behind = world.database(2, BEHIND, [
      dataEntry(AT + 1, { ...change, data: new Uint8Array(3) }),
    ]);
    behind.broadcaster.base = zxid(AT);
    behind.start();
    expect(world.until(() => appliedOf(behind) === zxid(AT + 1))).toBe(true);
    expect(behind.failures).toEqual([]);
  });
});
