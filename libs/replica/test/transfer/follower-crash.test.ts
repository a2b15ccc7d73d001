import type { MemoryDisk } from '@paddock/link-memory';
import { describe, expect, it } from 'vitest';
import { zxid } from '../stages/entries.ts';
import { BASE, END, FollowerScene, history, NEW, OLD } from './follower-scene.ts';
import { digestsOf, wholeWrite } from './pair.ts';

function fresh(disk: MemoryDisk): MemoryDisk {
  return disk.crash({ keepDirectoryChanges: Infinity, keepWrite: wholeWrite });
}

describe('a follower that the log of its leader does not reach', () => {
  it('H8: fetches a snapshot, begins its log anew behind it, and only then has what it acknowledges', () => {
    const scene = new FollowerScene();
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
      const scene = new FollowerScene();
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
