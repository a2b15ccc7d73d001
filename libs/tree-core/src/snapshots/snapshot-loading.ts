import { ByteReader, CodecError, crc32c } from '@paddock/codec';
import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import { sameDigest } from '../digest.ts';
import { readSessionRecords } from '../sessions/session-records.ts';
import type { TombstoneContent } from '../sessions/session.ts';
import {
  END_CHUNK,
  HEADER_CHUNK,
  QUOTAS_CHUNK,
  readEnd,
  readHeader,
  SESSIONS_CHUNK,
  ZNODES_CHUNK,
} from './snapshot-chunks.ts';
import type { SnapshotEnd, SnapshotHeader } from './snapshot-chunks.ts';

/** Why a snapshot is not used. */
export interface SnapshotTrouble {
  readonly cause: 'snapshotBad' | 'snapshotNewer';
  readonly reason: string;
}

/** Fills an empty database from the chunks of one snapshot. Nothing is served before it is whole and verified. */
export class SnapshotLoading {
  readonly #state: DatabaseState;
  readonly #tombstones: TombstoneContent[] = [];
  #header: SnapshotHeader | null = null;
  #headerChecksum = 0;
  #end: SnapshotEnd | null = null;
  #hasZnodes = false;

  constructor(state: DatabaseState) {
    this.#state = state;
  }

  /** Returns what is wrong with the chunk, if anything is. */
  add(chunk: Uint8Array): SnapshotTrouble | undefined {
    try {
      this.#read(new ByteReader(chunk), chunk);
      return undefined;
    } catch (error) {
      return troubleOf(error);
    }
  }

  /** Returns why the snapshot cannot be used, if it cannot. */
  finish(zxid: Zxid): SnapshotTrouble | undefined {
    const header = this.#header;
    const end = this.#end;
    if (header === null || end === null) return bad('the snapshot is not complete');
    if (header.zxid !== zxid) {
      return bad(`the snapshot of ${formatZxid(header.zxid)} is named ${formatZxid(zxid)}`);
    }
    try {
      if (this.#hasZnodes) this.#state.znodes.endLoad();
    } catch (error) {
      return troubleOf(error);
    }
    this.#addTombstones();
    const reason = this.#difference(end);
    if (reason !== undefined) return bad(reason);
    const state = this.#state;
    state.applied = header.zxid;
    state.time = header.time;
    state.term = header.term;
    state.configuration = header.configuration;
    return undefined;
  }

  /** They come in the order of the scan. */
  #addTombstones(): void {
    const { sessions } = this.#state;
    this.#tombstones.sort((a, b) => a.zxid - b.zxid);
    for (const it of this.#tombstones) {
      sessions.addTombstone(it.session, it.end, it.zxid, it.lastSequence, it.outcomes);
    }
  }

  /** What is not as it was written, if anything is. */
  #difference(end: SnapshotEnd): string | undefined {
    const state = this.#state;
    if (this.#headerChecksum !== end.headerChecksum) return 'the header is not as written';
    if (state.znodes.count !== end.znodes || state.sessions.count !== end.sessions) {
      return 'rows of the snapshot are missing';
    }
    if (!sameDigest(state.treeDigest(), end.znodesDigest)) {
      return 'the znodes are not as written';
    }
    if (!sameDigest(state.sessions.digest(), end.sessionsDigest)) {
      return 'the sessions are not as written';
    }
    return undefined;
  }

  #read(reader: ByteReader, chunk: Uint8Array): void {
    const kind = reader.u8();
    if (this.#header === null && kind !== HEADER_CHUNK) reader.fail('no header comes first', 1);
    switch (kind) {
      case HEADER_CHUNK:
        if (this.#header !== null) reader.fail('a second header', 1);
        this.#header = readHeader(reader);
        this.#headerChecksum = crc32c(chunk);
        break;
      case SESSIONS_CHUNK:
        readSessionRecords(reader, this.#state.sessions, this.#tombstones);
        break;
      case ZNODES_CHUNK:
        this.#hasZnodes = true;
        this.#state.znodes.load(chunk.subarray(1));
        break;
      case QUOTAS_CHUNK:
        this.#state.quotas.read(reader);
        break;
      case END_CHUNK:
        this.#end = readEnd(reader);
        break;
      default:
        reader.unknownKind('snapshot chunk', kind);
    }
  }
}

function bad(reason: string): SnapshotTrouble {
  return { cause: 'snapshotBad', reason };
}

/** The file's checksums hold, so that what is unknown is not damaged but newer. */
function troubleOf(error: unknown): SnapshotTrouble {
  if (!(error instanceof CodecError)) throw error;
  if (error.code !== 'unknownKind') return bad(error.message);
  const reason = `the snapshot was written by a newer version: ${error.message}`;
  return { cause: 'snapshotNewer', reason };
}
