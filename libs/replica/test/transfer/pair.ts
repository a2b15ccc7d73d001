import { NO_SESSION, trustedPath } from '@paddock/model';
import type { LogEntry } from '@paddock/model';
import { expect } from 'vitest';
import { dataEntry, markerEntry, OPENING, zxid } from '../stages/entries.ts';
import { BEHIND, LEADER, TransferWorld } from './transfer-world.ts';
import type { DatabaseUnderTest } from './transfer-world.ts';

export const OLD = 40;
export const NEW = 200;

/** A marker, a session, and znodes of 500 bytes, to this counter. */
export function logTo(last: number): LogEntry[] {
  const log = [markerEntry(1, 'processor'), dataEntry(2, OPENING)];
  for (let counter = 3; counter <= last; counter++) {
    const change = {
      kind: 'createZnode',
      path: trustedPath(`/z${counter}`),
      data: new Uint8Array(500).fill(counter),
      znodeKind: 'persistent',
      ephemeralOwner: NO_SESSION,
      ttlMs: 0,
      parentCversion: counter - 2,
      parentCreates: counter - 2,
    } as const;
    log.push(dataEntry(counter, change));
  }
  return log;
}

/** The bytes that a power cut leaves of a write that was not synced: all. */
export function wholeWrite({ length }: { readonly length: number }): (readonly [number, number])[] {
  return [[0, length]];
}

export interface Pair {
  readonly world: TransferWorld;
  readonly leader: DatabaseUnderTest;
  readonly behind: DatabaseUnderTest;
}

export function digestsOf(database: DatabaseUnderTest): unknown {
  const { znodesDigest, sessionsDigest, applied, znodes } = database.status();
  return { znodesDigest, sessionsDigest, applied, znodes };
}

export function appliedOf(database: DatabaseUnderTest): number {
  return database.isRunning ? database.stage.applied : -1;
}

/** A leader's database at 1.200 without a snapshot, and one at 1.40 whose broadcaster's log begins behind 1.200. */
export function pair(limits = {}): Pair {
  const world = new TransferWorld({ snapshotTransactions: OLD - 1, ...limits });
  const behind = world.database(2, BEHIND, logTo(OLD));
  behind.start();
  expect(world.until(() => behind.status()['newestSnapshot'] !== '0.0')).toBe(true);
  behind.kill();
  const leader = world.database(1, LEADER, logTo(NEW), { snapshotTransactions: 1_000_000 });
  leader.start();
  expect(world.until(() => appliedOf(leader) === zxid(NEW))).toBe(true);
  behind.broadcaster.heard.length = 0;
  behind.broadcaster.base = zxid(NEW);
  behind.broadcaster.log.splice(0, Infinity, ...logTo(NEW + 20).slice(NEW));
  return { world, leader, behind };
}

export function isUpToDate({ behind, world }: Pair, withinMs = 120_000): boolean {
  return world.until(() => appliedOf(behind) === zxid(NEW + 20), withinMs);
}
