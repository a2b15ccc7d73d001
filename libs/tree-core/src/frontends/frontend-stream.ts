import type { DatabaseRequest, FrontendIncarnation, SessionId } from '@paddock/model';
import type { StreamWatch } from '../watches/watch-table.ts';
import type { LiveSession } from './live-session.ts';
import type { PendingAttach } from './pending-attach.ts';

/** One open stream of one front-end. */
export class FrontendStream {
  readonly link: number;
  readonly frontend: FrontendIncarnation;
  /** Reads received on this stream; their numbers count from 1. */
  reads = 0;
  isOpen = true;
  /** Bytes of answers to reads so far, about. */
  answeredBytes = 0;
  /** Requests that wait until the answers before them have left, in order. */
  held: DatabaseRequest[] = [];
  /** Reads that wait, those behind a pending attach too. */
  parkedReads = 0;
  /** Bytes of them, and of the watches of pending attaches, about. */
  waitingBytes = 0;
  readonly sessions = new Set<LiveSession>();
  /** Attaches that wait for their floor or for their remaining watches. */
  readonly pending = new Map<SessionId, PendingAttach>();
  readonly watches = new Map<number, StreamWatch>();

  constructor(link: number, frontend: FrontendIncarnation) {
    this.link = link;
    this.frontend = frontend;
  }

  parked(bytes: number): void {
    this.parkedReads += 1;
    this.waitingBytes += bytes;
  }

  unparked(bytes: number): void {
    this.parkedReads -= 1;
    this.waitingBytes -= bytes;
  }
}
