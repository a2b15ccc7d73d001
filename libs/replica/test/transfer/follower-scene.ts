import { encodeConfiguration } from '@paddock/codec';
import { DEFAULT_LIMITS, makeZxid } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry, Zxid } from '@paddock/model';
import { expect } from 'vitest';
import { dataEntry, zxid } from '../stages/entries.ts';
import { FollowerUnderTest, INCARNATION } from './follower-under-test.ts';
import { logTo } from './pair.ts';
import { CLUSTER, ScriptedLeader } from './scripted-leader.ts';
import { LEADER, TransferWorld } from './transfer-world.ts';

export const OLD = 30;
export const NEW = 60;
const LAST = 70;
/** Where the leader's log begins, and where it ends: of the second epoch, all of it. */
export const BASE = makeZxid(2, NEW - OLD);
export const END = makeZxid(2, LAST - OLD);

type Member = EnsembleConfiguration['members'][number];

function member(replica: number, incarnation: number): Member {
  return { replica, incarnation, role: 'voter', address: `broadcaster-of-${replica}` };
}

/** The first epoch to 1.30, the second behind it. */
export function history(): LogEntry[] {
  const configuration = {
    clusterId: CLUSTER,
    formatLevel: 1,
    version: 1,
    removed: [],
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
export function deadTail(): LogEntry[] {
  return [1, 2, 3].map((it) => dataEntry(OLD + it, { kind: 'dropTombstones', through: zxid(1) }));
}

export class FollowerScene {
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

  /** It follows, at 1.30 with a snapshot of it. */
  follow(tail: readonly LogEntry[] = []): void {
    const { leader, follower } = this;
    leader.log = history().slice(0, OLD);
    leader.tail = tail;
    leader.start();
    follower.start();
    const isThere = (): boolean =>
      this.applied === zxid(OLD) && follower.database.status()['newestSnapshot'] !== '0.0';
    expect(this.until(isThere)).toBe(true);
    this.until(() => false, 2000);
  }

  /** As that, with a dead tail in its log, and a leader whose log begins much later. */
  begin(): void {
    const { leader, follower } = this;
    this.follow(deadTail());
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
