import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeZxid } from '@paddock/model';
import { NodeDisk, OperatorError } from '@paddock/node-runtime';
import type { EnsembleMember } from '@paddock/node-runtime';
import { DiskError } from '@paddock/ports';
import type { DiskFile } from '@paddock/ports';
import { TxnLog } from '@paddock/txn-log';
import { describe, expect, it } from 'vitest';
import { restoreReplica } from '../../src/restoring.ts';
import { fileOf, takenChunks, temporaryDirectory, ZNODES } from './backup-fixture.ts';

const CHUNKS = takenChunks();
const FILE = fileOf(CHUNKS);
/** Of the epoch behind the one that the backup knows. */
const BEGINS = makeZxid(2, 1);
const THREE: readonly EnsembleMember[] = [1, 2, 3].map((replica) => ({
  replica,
  address: `127.0.0.1:${7000 + replica}`,
  role: 'voter',
}));

function scene(bytes: Uint8Array = FILE): { readonly file: string; readonly data: string } {
  const directory = temporaryDirectory();
  const file = join(directory, 'backup');
  writeFileSync(file, bytes);
  return { file, data: join(directory, 'data') };
}

function logOf(data: string): TxnLog {
  const nothing = { clusterId: 'none', formatLevel: 1, version: 9, members: [], removed: [] };
  return new TxnLog(
    new NodeDisk(join(data, 'broadcaster')),
    { segmentBytes: 1e6, fillBytes: 0, initialConfiguration: nothing },
    { durable: () => undefined, purged: () => undefined, failed: () => undefined },
  );
}

/** The names of those that are complete. */
function snapshotsOf(data: string): readonly string[] {
  const names = readdirSync(join(data, 'database'));
  return names.filter((name) => /^snapshot\.[0-9a-f]{6}\.[0-9a-f]{8}$/u.test(name));
}

/** A directory on a disk that takes so many writes and is full then. */
class FullDisk extends NodeDisk {
  #left: number;

  constructor(directory: string, writes: number) {
    super(directory);
    this.#left = writes;
  }

  override create(name: string): DiskFile {
    const file = super.create(name);
    const write: DiskFile['write'] = (position, chunks, done) => {
      if (this.#left-- > 0) file.write(position, chunks, done);
      else done({ ok: false, error: new DiskError('full', 'no space is left') });
    };
    return {
      name,
      get size() {
        return file.size;
      },
      write,
      sync: (done) => file.sync(done),
      read: (position, length) => file.read(position, length),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  }
}

describe('restoring a replica', () => {
  it('makes a snapshot of the next epoch, and a log that begins behind it', async () => {
    const { file, data } = scene();
    const restored = await restoreReplica(file, { replica: 1, dataDirectory: data, ensemble: [] });
    expect(restored).toMatchObject({ begins: BEGINS, backup: { znodes: ZNODES - 1 } });
    expect(snapshotsOf(data)).toEqual(['snapshot.000002.00000001']);
    const { lastZxid, base, epochs } = logOf(data).recovered;
    expect({ lastZxid, base, ...epochs }).toEqual({
      lastZxid: BEGINS,
      base: BEGINS,
      acceptedEpoch: 2,
      currentEpoch: 2,
    });
  });

  it('H7: of three voters leaves an ensemble that is not formed, and needs them all', async () => {
    const { file, data } = scene();
    await restoreReplica(file, { replica: 2, dataDirectory: data, ensemble: THREE });
    const members = THREE.map((member) => ({ ...member, incarnation: 0 }));
    expect(logOf(data).recovered.configurations.map((it) => it.configuration)).toMatchObject([
      { clusterId: '', version: 0, members },
    ]);
  });

  it('touches no directory that holds a replica', async () => {
    const { file, data } = scene();
    const replica = { replica: 1, dataDirectory: data, ensemble: [] };
    await restoreReplica(file, replica);
    await expect(restoreReplica(file, replica)).rejects.toThrow('holds a replica already');
    expect(snapshotsOf(data)).toEqual(['snapshot.000002.00000001']);
  });

  it('makes nothing of a file that is no sound backup', async () => {
    for (const bytes of [
      FILE.with(FILE.length - 60, 1),
      FILE.subarray(0, -1),
      FILE.subarray(0, 9),
    ]) {
      const { file, data } = scene(bytes);
      const restoring = restoreReplica(file, { replica: 1, dataDirectory: data, ensemble: [] });
      await expect(restoring).rejects.toThrow('is no backup that can be used');
      expect(existsSync(data)).toBe(false);
    }
  });

  it('H8: leaves a replica that waits for a snapshot where the disk is full on the way', async () => {
    for (const writes of [0, 1, 2]) {
      const { file, data } = scene();
      const replica = { replica: 1, dataDirectory: data, ensemble: [] };
      const diskOf = (directory: string) => new FullDisk(directory, writes);
      const restoring = restoreReplica(file, replica, diskOf);
      await expect(restoring).rejects.toThrow(OperatorError);
      await expect(restoring).rejects.toThrow('no space is left');
      expect(snapshotsOf(data)).toEqual([]);
      expect(logOf(data).recovered.lastZxid).toBe(BEGINS);
      expect(readdirSync(join(data, 'database')).filter((it) => it.endsWith('.lock'))).toEqual([]);
    }
  });
});
