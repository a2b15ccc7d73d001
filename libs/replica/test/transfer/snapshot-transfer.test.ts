import type { SnapshotReply } from '@paddock/model';
import type { Link } from '@paddock/ports';
import { describe, expect, it } from 'vitest';
import { zxid } from '../stages/entries.ts';
import { appliedOf, digestsOf, isUpToDate, logTo, NEW, OLD, pair, wholeWrite } from './pair.ts';
import { BEHIND, LEADER } from './transfer-world.ts';
import type { DatabaseUnderTest } from './transfer-world.ts';

describe('a database that is behind the log', () => {
  it('H8: fetches the snapshot of the leader, and goes on from there', () => {
    const all = pair();
    const { world, leader, behind } = all;
    behind.start();
    behind.connectFrontend();
    expect(isUpToDate(all)).toBe(true);
    leader.broadcaster.say({ kind: 'entries', entries: logTo(NEW + 20).slice(NEW) });
    world.pass(1000);
    expect(digestsOf(behind)).toEqual(digestsOf(leader));
    expect(behind.failures).toEqual([]);
    // The new link tells the broadcaster of the snapshot: not before is its log begun anew behind it.
    expect(behind.broadcaster.heard.filter(({ kind }) => kind === 'deliver')).toMatchObject([
      { replica: 2, incarnation: 1, applied: zxid(OLD), snapshot: zxid(OLD) },
      { replica: 2, incarnation: 1, applied: zxid(NEW), snapshot: zxid(NEW) },
    ]);
    // H15: the front-ends' streams end first.
    expect(behind.frontendEnds).toMatchObject([{ cause: 'lost' }]);
    expect(behind.frontendHeard.some((it) => it.kind === 'serving' && !it.serving)).toBe(true);
    expect(behind.status()).toMatchObject({ transfer: null, isServing: true });
    expect(leader.status()).toMatchObject({ newestSnapshot: '1.200', snapshotsServed: 0 });
  });

  it('H8 a: is the old or the new one whole, whichever step of its disk the transfer dies at', () => {
    const { world, behind: first } = pair();
    const { disk } = first;
    const whole = { keepDirectoryChanges: Infinity, keepWrite: wholeWrite };
    /** The same database as at first, as often as wanted. */
    const again = (): DatabaseUnderTest => {
      const behind = world.database(2, BEHIND, logTo(NEW + 20).slice(NEW));
      behind.broadcaster.base = zxid(NEW);
      behind.disk = disk.crash(whole);
      return behind;
    };
    const catchesUp = (behind: DatabaseUnderTest): boolean =>
      world.until(() => appliedOf(behind) === zxid(NEW + 20));
    const undisturbed = again();
    undisturbed.start();
    expect(catchesUp(undisturbed)).toBe(true);
    undisturbed.kill();
    const { steps } = undisturbed.disk;
    expect(steps).toBeGreaterThan(10);
    const found = new Set<string>();
    for (let step = 0; step <= steps; step++) {
      for (const survives of [whole, { keepDirectoryChanges: Infinity }, {}]) {
        const behind = again();
        world.crashing = behind;
        behind.disk.crashBefore(step);
        behind.start();
        world.until(() => !behind.isRunning || appliedOf(behind) === zxid(NEW + 20));
        behind.kill();
        world.crashing = null;
        behind.disk = behind.disk.crash(survives);
        behind.failures.length = 0;
        behind.start();
        const { applied, znodes } = behind.status();
        found.add(`${String(applied)} with ${String(znodes)}`);
        // What was announced to the broadcaster as durable is.
        const wasAnnounced = behind.broadcaster.heard.some(
          (request) => request.kind === 'deliver' && request.snapshot === zxid(NEW),
        );
        if (wasAnnounced) expect(applied, `step ${step}`).toBe('1.200');
        expect(catchesUp(behind), `step ${step}`).toBe(true);
        expect(behind.failures).toEqual([]);
        behind.kill();
      }
    }
    expect([...found].sort()).toEqual(['1.200 with 199', '1.40 with 39']);
  });

  it('H8: waits while no leader is known, and asks the one that comes', () => {
    const all = pair();
    const { world, behind } = all;
    behind.broadcaster.databaseAddress = '';
    behind.start();
    world.pass(20_000);
    expect(behind.dialled.filter((it) => it === LEADER)).toEqual([]);
    expect(behind.stage.health()).toMatchObject({ serving: false });
    expect(behind.status()).toMatchObject({ transfer: { from: '', atLeast: '1.200' } });
    behind.broadcaster.needSnapshot(LEADER);
    expect(isUpToDate(all)).toBe(true);
  });

  it('H8: dials again, less and less often, for as long as the leader is not there', () => {
    const all = pair();
    const { world, leader, behind } = all;
    leader.kill();
    world.snapshots.listen(LEADER, (link) => {
      link.close({ cause: 'lost', reason: 'it is not there' });
      return { received: () => undefined, drained: () => undefined, ended: () => undefined };
    });
    behind.start();
    world.pass(10_000);
    const dials = behind.dialled.filter((it) => it === LEADER).length;
    expect(dials).toBeGreaterThan(8);
    expect(dials).toBeLessThan(20);
    leader.start();
    expect(isUpToDate(all)).toBe(true);
  });

  it('H8: begins anew with the other leader when the address changes while it fetches', () => {
    const all = pair();
    const { world, behind } = all;
    const next = world.database(3, 'database-of-3', logTo(NEW), {});
    next.start();
    world.until(() => appliedOf(next) === zxid(NEW));
    const stuck: Link<SnapshotReply[]>[] = [];
    world.snapshots.listen(LEADER, (link) => {
      stuck.push(link);
      return {
        received: () => {
          link.send([
            { kind: 'snapshotBegins', zxid: zxid(NEW), bytes: 1_000_000 },
            { kind: 'chunk', chunk: new Uint8Array(100) },
          ]);
        },
        drained: () => undefined,
        ended: () => undefined,
      };
    });
    behind.start();
    expect(world.until(() => stuck.length > 0 && behind.stage.status()['transfer'] !== null)).toBe(
      true,
    );
    world.pass(100);
    expect(behind.status()).toMatchObject({
      transfer: { from: LEADER, zxid: '1.200', bytes: 152, totalBytes: 1_000_000 },
    });
    behind.broadcaster.needSnapshot('database-of-3');
    expect(isUpToDate(all, 5000)).toBe(true);
    expect(stuck).toHaveLength(1);
  });

  it('H8: asks again where the source says nothing for too long', () => {
    const all = pair();
    const { world, leader, behind } = all;
    leader.kill();
    let asked = 0;
    world.snapshots.listen(LEADER, () => ({
      received: () => {
        asked++;
      },
      drained: () => undefined,
      ended: () => undefined,
    }));
    behind.start();
    world.pass(25_000);
    expect(asked).toBe(1);
    world.pass(10_000);
    expect(asked).toBe(2);
  });

  it('H8: refuses what is not whole, or not what was asked for, and asks again', () => {
    const all = pair();
    const { world, leader, behind } = all;
    const begins = { kind: 'snapshotBegins', zxid: zxid(NEW), bytes: 152 } as const;
    const chunk = { kind: 'chunk', chunk: new Uint8Array(100) } as const;
    const conversations: SnapshotReply[][] = [
      [{ ...begins, zxid: zxid(NEW - 1) }, chunk, { kind: 'snapshotEnds', chunks: 1 }],
      [begins, chunk, { kind: 'snapshotEnds', chunks: 2 }],
      [{ ...begins, bytes: 153 }, chunk, { kind: 'snapshotEnds', chunks: 1 }],
      [begins, begins],
      [chunk],
      [begins, { kind: 'chunk', chunk: new Uint8Array(0) }],
      [{ kind: 'snapshotEnds', chunks: 0 }],
    ];
    const rest = [...conversations];
    leader.kill();
    world.snapshots.listen(LEADER, (link) => ({
      received: () => void link.send(rest.shift() ?? []),
      drained: () => undefined,
      ended: () => undefined,
    }));
    behind.start();
    expect(world.until(() => rest.length === 0)).toBe(true);
    world.pass(100);
    const refusals = behind.events.filter(({ detail }) => detail?.['cause'] === 'refused');
    expect(refusals).toHaveLength(conversations.length);
    expect(behind.files()).toEqual(['snapshot.000001.00000028']);
    leader.start();
    expect(isUpToDate(all)).toBe(true);
  });

  it('H8: a snapshot that does not come to its digests is not used, and another is fetched', () => {
    const all = pair();
    const { world, leader, behind } = all;
    // On its way the last bytes of a znode's data change.
    const accept = leader.stage.acceptDatabase;
    let isChanged = false;
    world.snapshots.listen(LEADER, (link) =>
      accept({
        ...link,
        bufferedBytes: 0,
        pause: () => link.pause(),
        resume: () => link.resume(),
        close: (end) => link.close(end),
        send: (batch) => {
          for (const message of batch) {
            if (isChanged || message.kind !== 'chunk' || message.chunk.length < 1000) continue;
            isChanged = true;
            message.chunk[message.chunk.length - 10] = 99;
          }
          return link.send(batch);
        },
      }),
    );
    behind.start();
    expect(isUpToDate(all)).toBe(true);
    expect(isChanged).toBe(true);
    const bad = behind.events.filter(({ message }) => message.startsWith('a snapshot is bad'));
    expect(bad).toMatchObject([{ level: 'error', zxid: zxid(NEW) }]);
    // Meanwhile it was again what it had been.
    expect(behind.broadcaster.heard.filter(({ kind }) => kind === 'deliver')).toMatchObject([
      { applied: zxid(OLD) },
      { applied: zxid(OLD) },
      { applied: zxid(NEW) },
    ]);
    leader.broadcaster.say({ kind: 'entries', entries: logTo(NEW + 20).slice(NEW) });
    world.pass(1000);
    expect(digestsOf(behind)).toEqual(digestsOf(leader));
  });

  it('H16: holds the source back while its own disk does not keep up', () => {
    const all = pair();
    const { world, behind } = all;
    behind.start();
    behind.isDiskStalled = true;
    world.pass(5000);
    const { bytes, totalBytes } = behind.stage.transfer ?? { bytes: 0, totalBytes: 0 };
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(totalBytes / 2);
    behind.isDiskStalled = false;
    expect(isUpToDate(all)).toBe(true);
  });

  it('H8: begins anew where its own disk fails', () => {
    for (const step of ['create', 'write', 'rename'] as const) {
      const all = pair();
      all.behind.start();
      all.behind.disk.failNext(step, 'full');
      expect(isUpToDate(all), step).toBe(true);
      expect(all.behind.failures).toEqual([]);
      const retries = all.behind.events.filter(({ message }) =>
        message.endsWith('asked for again'),
      );
      expect(retries, step).toHaveLength(1);
    }
  });
});
