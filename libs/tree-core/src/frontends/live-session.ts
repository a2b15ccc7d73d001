import type { Attachment, Identities, ZnodePath } from '@paddock/model';
import type { Session } from '../sessions/session.ts';
import type { Few } from '../watches/few.ts';
import type { FrontendStream } from './frontend-stream.ts';
import type { ParkedRead } from './parked-read.ts';
import { ReadQueue } from './read-queue.ts';

/** A session that is attached here: its outcomes, events and reads go over `stream`. */
export class LiveSession {
  /** In the table, except of a local session: an upgrade replaces it by the one that is. */
  row: Session;
  readonly attachment: Attachment;
  readonly stream: FrontendStream;
  /**
   * Resumed, and its attach has not come: what the stream reads for the session until then was sent by the connection
   * that the resume has replaced.
   */
  awaitsAttach = false;
  /** Reads that wait, in the order sent; the first one says for what. */
  readonly parked = new ReadQueue();
  parkedBytes = 0;
  /** Who its connection is, as an attach, a read or an identify has said last: its watches tell what these may read. */
  identities: Identities = undefined;
  /** Paths of its watches. Only the watch table changes them. */
  znodeWatches: Few<ZnodePath> | null = null;
  childWatches: Few<ZnodePath> | null = null;
  persistentWatches: Few<ZnodePath> | null = null;
  recursiveWatches: Few<ZnodePath> | null = null;

  constructor(row: Session, stream: FrontendStream) {
    this.row = row;
    this.attachment = row.attachment;
    this.stream = stream;
  }
}

/** The first of its parked reads is answered, refused or not wanted any more. */
export function removeFirst(live: LiveSession, read: ParkedRead): void {
  live.parked.removeFirst();
  live.parkedBytes -= read.bytes;
  live.stream.unparked(read.bytes);
}
