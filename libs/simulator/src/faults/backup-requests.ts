import { makeZxid } from '@paddock/model';
import type { SnapshotRequest, Zxid } from '@paddock/model';
import { Restoration } from '@paddock/tree-core';
import { SnapshotReading } from '@paddock/txn-log';
import type { MemoryDisk } from '@paddock/testing';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';

const SNAPSHOT = /^snapshot\.([0-9a-f]{6})\.([0-9a-f]{8})$/u;
const CLOCK = { monotonicMs: () => 0, wallMs: () => 0 };

interface Backup {
  readonly name: string;
  readonly requests: SnapshotRequest[];
}

/** Brings the ensemble back to a snapshot that some replica still has, as an operator does with a backup. */
export class BackupRequests {
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;

  constructor(world: World, ensemble: SimulatedEnsemble) {
    this.#world = world;
    this.#ensemble = ensemble;
  }

  restore(random: SeededRandom): void {
    // What was never committed is nothing to go back to.
    const { rottenMemory } = this.#ensemble.networks;
    if (rottenMemory.isPlanned || this.#world.history.rotten.length > 0) return;
    const replica = random.pick(this.#ensemble.replicas);
    const backup = this.#read(replica.disks.database.durable, random);
    const { leader } = this.#ensemble;
    if (backup === null) return;
    this.#tell(backup, 'is brought to replica ' + String(leader.number));
    leader.offerBackup(backup.requests, () => {
      // Its broadcaster hears of it on a link of its own.
      this.#world.time.after(200, () => {
        leader.askMembers({ kind: 'restore', backup: backup.name }, (answer) => {
          const code = answer.kind === 'refused' ? `${answer.code}, ${answer.reason}` : answer.kind;
          this.#tell(backup, code);
          this.#world.count(`backup: ${answer.kind === 'refused' ? answer.code : answer.kind}`);
        });
      });
    });
  }

  #read(disk: MemoryDisk, random: SeededRandom): Backup | null {
    const [first, ...others] = disk.list().filter((it) => SNAPSHOT.test(it));
    if (first === undefined) return null;
    const file = random.pick([first, ...others]);
    const [, epoch = '', counter = ''] = SNAPSHOT.exec(file) ?? [];
    const zxid = makeZxid(Number.parseInt(epoch, 16), Number.parseInt(counter, 16));
    const { limits, timing } = this.#world.settings;
    const { unusedContainerMs } = timing;
    const chunkBytes = limits.linkMessageBytes / 4;
    const restoration = new Restoration({ unusedContainerMs, chunkBytes }, CLOCK);
    const chunks = chunksOf(new SnapshotReading(disk, file, zxid));
    if (chunks === null || !isLoaded(restoration, chunks, zxid)) return null;
    const name = restoration.name(random.below(2 ** 31).toString(16));
    return {
      name,
      requests: [
        { kind: 'offerBackup', backup: name },
        ...chunks.map((chunk) => ({ kind: 'backupChunk', chunk }) as const),
        { kind: 'backupEnds', chunks: chunks.length },
      ],
    };
  }

  #tell({ name }: Backup, what: string): void {
    this.#world.trace.tell('operator', `backup ${name}: ${what}`);
  }
}

/** Null where the file has become bad. */
function chunksOf(reading: SnapshotReading): Uint8Array[] | null {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const piece = reading.next();
    if (piece.kind === 'end') return chunks;
    if (piece.kind !== 'chunk') return null;
    chunks.push(piece.chunk.slice());
  }
}

function isLoaded(restoration: Restoration, chunks: readonly Uint8Array[], zxid: Zxid): boolean {
  return chunks.every((it) => restoration.add(it) === null) && restoration.loaded(zxid) === null;
}
