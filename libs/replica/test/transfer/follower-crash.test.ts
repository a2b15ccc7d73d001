import { encodeConfiguration } from '@paddock/codec';
import { DEFAULT_LIMITS, makeZxid } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry, Zxid } from '@paddock/model';
import type { MemoryDisk } from '@paddock/testing';
import { describe, expect, it } from 'vitest';
import { dataEntry, zxid } from '../stages/entries.ts';
import { FollowerUnderTest, INCARNATION } from './follower-under-test.ts';
import { digestsOf, logTo, wholeWrite } from './pair.ts';
import { CLUSTER, ScriptedLeader } from './scripted-leader.ts';
import { LEADER, TransferWorld } from './transfer-world.ts';

const OLD = 30;
const NEW = 60;
const LAST = 70;
/** Where the leader's log begins, and where it ends: of the second epoch, all of it. */
const BASE = makeZxid(2, NEW - OLD);
const END = makeZxid(2, LAST - OLD);

type Member = EnsembleConfiguration['members'][number];

function member(replica: number, incarnation: number): Member {
  return { replica, incarnation, role: 'voter', address: `broadcaster-of-${replica}` };
}

/** The first epoch to 1.30, the second behind it. */
function history(): LogEntry[] {
  const configuration = {
    clusterId: CLUSTER,
    formatLevel: 1,
    members: [member(1, 10), member(2, INCARNATION), member(3, 30)],
  };
  const founding: LogEntry = {
    zxid: zxid(1),
    kind: 'configuration',
    payload: encodeConfiguration(configuration),
  };
  const [, ...rest] = logTo(LAST);
  return [founding, ...rest].map((entry, index) =>
    index < OLD ? entry : { ...entry, zxid: makeZxid(2, index + 1 - OLD) },
  );
}

/** Logged in the first epoch, never committed: the second one does not know of it. */
function deadTail(): LogEntry[] {
  return [1, 2, 3].map((it) => dataEntry(OLD + it, { kind: 'dropTombstones', through: zxid(1) }));
}

class Scene {
  readonly world = new TransferWorld({ snapshotTransactions: 1_000_000 });
  readonly source = this.world.database(1, LEADER, history().slice(0, NEW));
  readonly leader = new ScriptedLeader(this.world, LEADER);
  readonly follower = new FollowerUnderTest(this.world, this.leader, {
    snapshotTransactions: OLD - 1,
    segmentBytes: DEFAULT_LIMITS.segmentBytes,
  });

  constructor() {
    this.source.start();
    expect(this.until(() => this.source.stage.applied === BASE)).toBe(true);
  }

  until(holds: () => boolean, forMs = 30_000): boolean {
    const { world, follower } = this;
    world.crashing = follower;
    return world.until(() => {
      try {
        follower.runDisks();
      } catch (error) {
        follower.failures.push(String(error));
        follower.kill();
      }
      return holds();
    }, forMs);
  }

  get applied(): Zxid | null {
    return this.follower.isRunning ? this.follower.database.applied : null;
  }

  /** At 1.30 with a snapshot of it, and a dead tail in the log. */
  begin(): void {
    const { leader, follower } = this;
    leader.log = history().slice(0, OLD);
    leader.tail = deadTail();
    leader.start();
    follower.start();
    const isThere = (): boolean =>
      this.applied === zxid(OLD) && follower.database.status()['newestSnapshot'] !== '0.0';
    expect(this.until(isThere)).toBe(true);
    this.until(() => false, 2000);
    follower.cutPower({ keepDirectoryChanges: Infinity });
    leader.stop();
    leader.base = BASE;
    leader.log = history().slice(NEW);
    leader.tail = [];
    leader.start();
  }

  catchesUp(): boolean {
    return this.until(() => this.applied === END && this.leader.isFollowed);
  }
}

function fresh(disk: MemoryDisk): MemoryDisk {
  return disk.crash({ keepDirectoryChanges: Infinity, keepWrite: wholeWrite });
}

describe('a follower that the log of its leader does not reach', () => {
  it('H8: fetches a snapshot, begins its log anew behind it, and only then has what it acknowledges', () => {
    const scene = new Scene();
    const { follower, leader } = scene;
    scene.begin();
    expect(leader.found.at(-1)).toEqual({ currentEpoch: 0, lastZxid: 0 });
    follower.start();
    expect(scene.catchesUp()).toBe(true);
    expect(leader.found.at(-1)).toEqual({ currentEpoch: 1, lastZxid: zxid(OLD + 3) });
    expect(follower.failures).toEqual([]);
    const { znodesDigest } = follower.database.status();
    scene.source.broadcaster.say({ kind: 'entries', entries: history().slice(NEW) });
    scene.until(() => false, 1000);
    expect(digestsOf(scene.source)).toMatchObject({ znodesDigest, applied: '2.40' });
  });

  it.each(['broadcaster', 'database'] as const)(
    'H8 a, b: leaves no hole, whichever step of the disk of the %s the power is cut at',
    (which) => {
      const scene = new Scene();
      const { follower, leader } = scene;
      scene.begin();
      const { disks } = follower;
      const again = (): void => {
        follower.disks = {
          broadcaster: fresh(disks.broadcaster),
          database: fresh(disks.database),
        };
      };
      again();
      follower.start();
      expect(scene.catchesUp()).toBe(true);
      follower.kill();
      const { steps } = follower.disks[which];
      expect(steps).toBeGreaterThan(10);
      const found = new Set<string>();
      for (let step = 0; step <= steps; step++) {
        for (const survives of [{ keepWrite: wholeWrite, keepDirectoryChanges: Infinity }, {}]) {
          const where = `step ${step}`;
          again();
          leader.stop();
          leader.start();
          follower.disks[which].crashBefore(step);
          try {
            follower.start();
          } catch (error) {
            expect(String(error), where).toContain('the planned crash');
          }
          scene.until(() => !follower.isRunning || leader.isFollowed, 20_000);
          const { isFollowed } = leader;
          follower.cutPower(survives);
          leader.stop();
          follower.failures.length = 0;
          // Nobody leads: it is what it can be by itself.
          follower.start();
          scene.until(() => false, 3000);
          expect(follower.failures, where).toEqual([]);
          const alone = scene.applied ?? -1;
          // What was acknowledged is here: the snapshot is, and the log behind it.
          if (isFollowed) expect(alone, where).toBeGreaterThanOrEqual(BASE);
          leader.start();
          expect(scene.catchesUp(), where).toBe(true);
          expect(follower.failures, where).toEqual([]);
          const { lastZxid = -1 } = leader.found.at(-1) ?? {};
          if (isFollowed) expect(lastZxid, where).toBe(END);
          // What it says it has is behind what its database has: without a hole.
          if (lastZxid >= BASE) expect(alone, where).toBeGreaterThanOrEqual(BASE);
          found.add(`${alone} ${lastZxid}`);
          follower.kill();
        }
      }
      expect(found.size).toBeGreaterThan(1);
    },
    60_000,
  );
});
