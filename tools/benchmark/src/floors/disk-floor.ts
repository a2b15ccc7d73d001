// The floor of the disk: append and fdatasync in the file system that the data lie in.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Distribution } from '../arithmetic/distribution.ts';
import { distributionOf } from '../arithmetic/distribution.ts';

export interface DiskFloor {
  readonly bytes: number;
  /** Microseconds of one append and fdatasync. */
  readonly sync: Distribution;
}

/** Appends so many bytes and syncs, again and again for so long. */
export function measureDisk(directory: string, bytes: number, milliseconds: number): DiskFloor {
  const file = join(directory, 'disk-floor');
  const descriptor = openSync(file, 'w');
  const chunk = new Uint8Array(Math.max(1, Math.round(bytes))).fill(1);
  const samples: number[] = [];
  try {
    const until = performance.now() + milliseconds;
    for (let now = performance.now(); now < until;) {
      writeSync(descriptor, chunk);
      fdatasyncSync(descriptor);
      const after = performance.now();
      samples.push((after - now) * 1000);
      now = after;
    }
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
  return { bytes: chunk.length, sync: distributionOf(Float64Array.from(samples)) };
}
