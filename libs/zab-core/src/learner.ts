import { ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { VoterIdentity } from './quorum.ts';
import { SendingWindow } from './sending-window.ts';

/**
 * connected: has not said who it is. discovery: is to accept the epoch. truncating, awaitingSnapshot: its history is
 * brought to where this one's log reaches it. streaming: it is sent all that is appended here.
 */
export type LearnerState =
  'connected' | 'discovery' | 'truncating' | 'awaitingSnapshot' | 'streaming';

/** One follower or observer, as its leader knows it. */
export class Learner {
  readonly link: number;
  readonly window = new SendingWindow();
  state: LearnerState = 'connected';
  identity: VoterIdentity = { replica: 0, incarnation: 0 };
  /** When something was received of it last, in monotonic milliseconds. */
  heardMs: number;
  /** Once all up to here was sent, the epoch's `newLeader` follows. */
  target: Zxid = ZXID_ZERO;
  isNewLeaderSent = false;
  /** It has the leader's history durably, and the epoch as current: its acks count. */
  isSynchronized = false;
  isUpToDate = false;
  /** Backups that its database holds. */
  readonly held = new Set<string>();
  /** The backup that it was asked to hold last. */
  askedBackup = '';
  /** Its link takes no more for now. */
  isFull = false;
  /** Number of the read of the log that is under way; 0: none. */
  read = 0;
  /** The commit point that it was told last. */
  committedTold: Zxid = ZXID_ZERO;

  constructor(link: number, nowMs: number) {
    this.link = link;
    this.heardMs = nowMs;
  }

  /** Discovery starts over: of what it said nothing holds for the new epoch. */
  restart(): void {
    this.state = 'discovery';
    this.isNewLeaderSent = false;
    this.isSynchronized = false;
    this.isUpToDate = false;
    this.read = 0;
    this.committedTold = ZXID_ZERO;
  }

  /** The log behind this zxid is needed for it; null: none of it yet. */
  get pinned(): Zxid | null {
    if (this.state === 'streaming') return this.window.confirmed;
    return this.state === 'awaitingSnapshot' ? this.target : null;
  }
}
