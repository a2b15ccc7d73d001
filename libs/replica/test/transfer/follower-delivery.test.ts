import { describe, expect, it } from 'vitest';
import { dataEntry, zxid } from '../stages/entries.ts';
import { deadTail, FollowerScene, OLD } from './follower-scene.ts';

describe('what a follower hands to its database', () => {
  it('H9: is nothing that its own disk has not, though a quorum has it', () => {
    const scene = new FollowerScene();
    const { follower, leader } = scene;
    scene.follow();
    follower.isLogStalled = true;
    const more = Array.from({ length: OLD }, (_, index) =>
      dataEntry(OLD + 1 + index, { kind: 'dropTombstones', through: zxid(1) }),
    );
    leader.commit(more);
    scene.until(() => false, 1000);
    expect(scene.applied).toBe(zxid(OLD));
    expect(follower.database.status()).toMatchObject({ newestSnapshot: '1.30' });
    // So a power cut cannot leave a snapshot of what the log has lost.
    follower.isLogStalled = false;
    follower.cutPower({ keepDirectoryChanges: Infinity });
    leader.stop();
    follower.start();
    scene.until(() => false, 1000);
    expect(scene.applied).toBe(zxid(OLD));
    leader.start();
    expect(scene.until(() => scene.applied === zxid(2 * OLD))).toBe(true);
    expect(leader.found.at(-1)?.lastZxid).toBe(zxid(OLD));
    expect(follower.failures).toEqual([]);
  });

  it('H9: is no tail that was never committed, also when it comes back by itself', () => {
    const scene = new FollowerScene();
    const { follower, leader } = scene;
    scene.follow(deadTail());
    follower.cutPower({ keepDirectoryChanges: Infinity });
    leader.stop();
    follower.start();
    scene.until(() => false, 3000);
    expect(scene.applied).toBe(zxid(OLD));
    // The leader of the next epoch knows of none of it.
    leader.tail = [];
    leader.start();
    expect(scene.until(() => leader.isFollowed)).toBe(true);
    expect(leader.found.at(-1)?.lastZxid).toBe(zxid(OLD + 3));
    expect(scene.applied).toBe(zxid(OLD));
    expect(follower.failures).toEqual([]);
  });
});
