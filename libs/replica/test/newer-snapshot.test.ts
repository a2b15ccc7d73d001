import { SnapshotFrameWriter } from '@paddock/codec';
import { DEFAULT_LIMITS, DEFAULT_TIMING, makeZxid } from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import { MemoryDisk } from '@paddock/link-memory';
import { describe, expect, it } from 'vitest';
import { ReplicatedDatabaseStage } from '../src/replicated-database-stage.ts';

const zxid = makeZxid(1, 5);

/** A whole file, each checksum right, whose one chunk is of a kind that this version does not know. */
function newerSnapshot(disk: MemoryDisk): string {
  const name = 'snapshot.000001.00000005';
  const frames = new SnapshotFrameWriter();
  const head = frames.head(zxid);
  // A header of format 2.
  const chunk = Uint8Array.of(1, 0, 0, 0, 2);
  disk.replace(name, Buffer.concat([head, frames.frame(chunk), chunk, frames.end()]));
  return name;
}

function nobody(): never {
  throw new Error('nobody is dialled');
}

describe('the replicated database', () => {
  it('H24: refuses to start on a snapshot of a newer version, and leaves it as it is', () => {
    const disk = new MemoryDisk();
    const name = newerSnapshot(disk);
    const start = (): ReplicatedDatabaseStage =>
      new ReplicatedDatabaseStage(
        {
          identity: { replica: 1, incarnation: 1 },
          limits: DEFAULT_LIMITS,
          timing: DEFAULT_TIMING,
          broadcasterAddress: 'broadcaster',
        },
        {
          clock: { monotonicMs: () => 0, wallMs: () => 0 },
          disk,
          broadcaster: { dial: nobody },
          snapshots: { dial: nobody },
          timers: {
            after: () => () => undefined,
            every: () => () => undefined,
            soon: () => () => undefined,
          },
          report: () => undefined,
          failed: () => undefined,
        },
      );
    expect(start).toThrow(OperatorError);
    expect(start).toThrow('was written by a newer version');
    expect(disk.list()).toEqual([name]);
  });
});
