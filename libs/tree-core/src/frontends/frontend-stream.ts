import type { FrontendIncarnation, SessionId } from '@paddock/model';
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
  readonly sessions = new Set<LiveSession>();
  /** Attaches that wait for their floor or for their remaining watches. */
  readonly pending = new Map<SessionId, PendingAttach>();
  readonly watches = new Map<number, StreamWatch>();

  constructor(link: number, frontend: FrontendIncarnation) {
    this.link = link;
    this.frontend = frontend;
  }
}
