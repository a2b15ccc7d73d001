import { ByteWriter, crc32c } from '@paddock/codec';
import type { Zxid } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import type { DatabaseEffects } from '../database-effects.ts';
import type { DatabaseState } from '../database-state.ts';
import { digestDifference, digestSum, NO_DIGEST, sameDigest } from '../digest.ts';
import type { Digest } from '../digest.ts';
import { SessionScan } from '../sessions/session-scan.ts';
import {
  chunkOf,
  endChunk,
  headerChunk,
  QUOTAS_CHUNK,
  SESSIONS_CHUNK,
  ZNODES_CHUNK,
} from './snapshot-chunks.ts';

/**
 * A slice is to take about a millisecond: the next one is larger where this one took less than half of it, smaller
 * where it took longer. The first is small, since code that has not run for long is slow.
 */
const SLICE_MS = 1;
const FIRST_SLICE_BYTES = 16 * 1024;
const SLICE_BYTES_MIN = 4 * 1024;
const SLICE_BYTES_MAX = 256 * 1024;

export interface SnapshotTakingOptions {
  /** Of this attempt, in the life of the database. */
  readonly number: number;
  /** A chunk is never much larger: it must fit a message of a link (H8). */
  readonly chunkBytes: number;
  /** Of a state that is known to be wrong: memory is taken as it is found. */
  readonly isEvidence: boolean;
}

/** What memory that has rotted adds to the digests of tree and sessions; nothing where it is sound. */
export interface Rot {
  readonly znodes: Digest;
  readonly sessions: Digest;
}

type Phase = 'sessions' | 'znodes' | 'finishing';

/** One snapshot of `zxid`, from its header to its end, in slices while transactions go on (H12). */
export class SnapshotTaking {
  readonly zxid: Zxid;
  readonly isEvidence: boolean;
  readonly #state: DatabaseState;
  readonly #scan: SessionScan;
  readonly #clock: Clock;
  readonly #writer = new ByteWriter();
  readonly #chunkBytes: number;
  /** Chunks of sessions that are full. */
  #fullSessions: Uint8Array[] = [];
  /** Of the tree and its quotas. */
  readonly #znodesDigest: Digest;
  /** Of the quotas as they are written: they are few, and written at once. */
  readonly #quotasDigest: Digest;
  readonly #sessionsDigest: Digest;
  readonly #znodes: number;
  readonly #sessions: number;
  readonly #headerChecksum: number;
  #phase: Phase = 'sessions';
  #rot: Rot | null = null;
  #sliceBytes = FIRST_SLICE_BYTES;
  /** Handed to the file and not reported as written. */
  #unwrittenBytes = 0;

  constructor(
    state: DatabaseState,
    { number, chunkBytes, isEvidence }: SnapshotTakingOptions,
    clock: Clock,
    out: DatabaseEffects,
  ) {
    this.isEvidence = isEvidence;
    this.#chunkBytes = chunkBytes;
    this.#state = state;
    this.#clock = clock;
    this.zxid = state.applied;
    this.#znodes = state.znodes.count;
    this.#sessions = state.sessions.count;
    this.#znodesDigest = state.treeDigest();
    this.#quotasDigest = state.quotas.digestAnew();
    this.#sessionsDigest = state.sessions.digest();
    this.#scan = new SessionScan(state.sessions, number, this.#writer, () => {
      if (this.#writer.length >= this.#chunkBytes) this.#sealSessions();
    });
    state.znodes.beginSnapshot(chunkBytes);
    out.snapshot.push({ kind: isEvidence ? 'beginEvidence' : 'begin', zxid: this.zxid });
    const header = headerChunk(state);
    this.#headerChecksum = crc32c(header);
    this.#write(header, out);
    if (state.quotas.size > 0) this.#writeQuotas(out);
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  /** True once all is handed over: the file is being synced and verified. */
  get isFinishing(): boolean {
    return this.#phase === 'finishing';
  }

  written(bytes: number): void {
    this.#unwrittenBytes -= bytes;
  }

  /** Returns what is wrong, if the scan has found memory to be other than it should be. */
  slice(agreed: Zxid, out: DatabaseEffects): string | undefined {
    const startMs = this.#clock.monotonicMs();
    const trouble = this.#scanOn(agreed, out);
    const tookMs = this.#clock.monotonicMs() - startMs;
    if (tookMs > SLICE_MS) this.#sliceBytes = Math.max(SLICE_BYTES_MIN, this.#sliceBytes / 2);
    else if (tookMs * 2 < SLICE_MS) {
      this.#sliceBytes = Math.min(SLICE_BYTES_MAX, this.#sliceBytes * 2);
    }
    return trouble;
  }

  #scanOn(agreed: Zxid, out: DatabaseEffects): string | undefined {
    if (this.#phase === 'sessions') {
      const bytes = Math.min(this.#sliceBytes, this.#chunkBytes);
      if (!this.#scan.slice(bytes)) this.#phase = 'znodes';
      this.#writeSessions(out);
      return undefined;
    }
    if (this.#phase === 'finishing') return undefined;
    const chunk = this.#state.znodes.snapshotSlice(this.#sliceBytes);
    if (chunk !== null) {
      if (chunk.length > 0) this.#write(chunkOf(ZNODES_CHUNK, chunk), out);
      return undefined;
    }
    return this.#finish(agreed, out);
  }

  /** Old images of rows that have changed, taken whether or not slices pause. */
  flushImages(out: DatabaseEffects): void {
    if (this.#phase === 'finishing') return;
    this.#writeSessions(out);
    const { znodes } = this.#state;
    for (let images = znodes.snapshotImages(); images !== null; images = znodes.snapshotImages()) {
      this.#write(chunkOf(ZNODES_CHUNK, images), out);
    }
  }

  /** By how much what was scanned differs from the running digests; null before the scan is complete. */
  get rot(): Rot | null {
    return this.#rot;
  }

  /** Nobody saves images for it any more. */
  end(): void {
    this.#phase = 'finishing';
    this.#scan.end();
    this.#state.znodes.abandonSnapshot();
  }

  #finish(agreed: Zxid, out: DatabaseEffects): string | undefined {
    const { znodes } = this.#state;
    const rot = {
      znodes: digestDifference(
        digestSum(znodes.snapshotDigest(), this.#quotasDigest),
        this.#znodesDigest,
      ),
      sessions: digestDifference(this.#scan.digest(), this.#sessionsDigest),
    };
    this.#rot = rot;
    const isSound = sameDigest(rot.znodes, NO_DIGEST) && sameDigest(rot.sessions, NO_DIGEST);
    this.end();
    const rotten = 'the rows in memory do not come to the running digest';
    if (!isSound && !this.isEvidence) return rotten;
    if (!isSound) out.events.push({ level: 'error', message: rotten, zxid: this.zxid });
    this.#write(
      endChunk({
        headerChecksum: this.#headerChecksum,
        znodes: this.#znodes,
        sessions: this.#sessions,
        znodesDigest: this.#znodesDigest,
        sessionsDigest: this.#sessionsDigest,
      }),
      out,
    );
    out.snapshot.push({ kind: 'finish', agreed });
    return undefined;
  }

  #writeQuotas(out: DatabaseEffects): void {
    const writer = new ByteWriter();
    this.#state.quotas.write(writer);
    this.#write(chunkOf(QUOTAS_CHUNK, writer.peek()), out);
  }

  #writeSessions(out: DatabaseEffects): void {
    this.#sealSessions();
    for (const chunk of this.#fullSessions) this.#write(chunk, out);
    this.#fullSessions = [];
  }

  #sealSessions(): void {
    if (this.#writer.length === 0) return;
    this.#fullSessions.push(chunkOf(SESSIONS_CHUNK, this.#writer.peek()));
    this.#writer.reset();
  }

  #write(chunk: Uint8Array, out: DatabaseEffects): void {
    this.#unwrittenBytes += chunk.length;
    out.snapshot.push({ kind: 'write', chunk });
  }
}
