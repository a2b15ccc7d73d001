import { ByteReader, CodecError } from '@paddock/codec';
import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import { sameDigest } from '../digest.ts';
import { readSessionRecords } from '../sessions/session-records.ts';
import type { TombstoneContent } from '../sessions/session.ts';
import {
  END_CHUNK,
  HEADER_CHUNK,
  readEnd,
  readHeader,
  SESSIONS_CHUNK,
  ZNODES_CHUNK,
} from './snapshot-chunks.ts';
import type { SnapshotEnd, SnapshotHeader } from './snapshot-chunks.ts';

/** Fills an empty database from the chunks of one snapshot. Nothing is served before it is whole and verified. */
export class SnapshotLoading {
  readonly #state: DatabaseState;
  readonly #tombstones: TombstoneContent[] = [];
  #header: SnapshotHeader | null = null;
  #end: SnapshotEnd | null = null;
  #hasZnodes = false;

  constructor(state: DatabaseState) {
    this.#state = state;
  }

  /** Returns what is wrong with the chunk, if anything is. */
  add(chunk: Uint8Array): string | undefined {
    try {
      this.#read(new ByteReader(chunk), chunk);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Returns why the snapshot cannot be used, if it cannot. */
  finish(zxid: Zxid): string | undefined {
    const header = this.#header;
    const end = this.#end;
    if (header === null || end === null) return 'the snapshot is not complete';
    if (header.zxid !== zxid) {
      return `the snapshot of ${formatZxid(header.zxid)} is named ${formatZxid(zxid)}`;
    }
    const state = this.#state;
    try {
      if (this.#hasZnodes) state.znodes.endLoad();
    } catch (error) {
      return reasonOf(error);
    }
    this.#tombstones.sort((a, b) => a.zxid - b.zxid);
    for (const it of this.#tombstones) {
      state.sessions.addTombstone(it.session, it.end, it.zxid, it.lastSequence, it.outcomes);
    }
    if (state.znodes.count !== end.znodes || state.sessions.count !== end.sessions) {
      return 'rows of the snapshot are missing';
    }
    if (!sameDigest(state.znodes.digest(), end.znodesDigest)) return 'the znodes are not as written';
    if (!sameDigest(state.sessions.digest(), end.sessionsDigest)) {
      return 'the sessions are not as written';
    }
    state.applied = header.zxid;
    state.time = header.time;
    state.term = header.term;
    state.configuration = header.configuration;
    return undefined;
  }

  #read(reader: ByteReader, chunk: Uint8Array): void {
    const kind = reader.u8();
    if (this.#header === null && kind !== HEADER_CHUNK) reader.fail('no header comes first', 1);
    switch (kind) {
      case HEADER_CHUNK:
        this.#header = readHeader(reader);
        break;
      case SESSIONS_CHUNK:
        readSessionRecords(reader, this.#state.sessions, this.#tombstones);
        break;
      case ZNODES_CHUNK:
        this.#hasZnodes = true;
        this.#state.znodes.load(chunk.subarray(1));
        break;
      case END_CHUNK:
        this.#end = readEnd(reader);
        break;
      default:
        reader.unknownKind('snapshot chunk', kind);
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof CodecError) return error.message;
  throw error;
}
