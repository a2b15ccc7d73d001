import { crc32c, decodeTransaction } from '@paddock/codec';
import { termEpoch } from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  Epoch,
  EntryKind,
  LogEntry,
  SessionId,
  Term,
  Zxid,
} from '@paddock/model';
import type { Place } from '../kernel/network-conditions.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';

/** A session that the processor has decided to end because it had shown no life. */
export interface ProposedExpiry {
  readonly session: SessionId;
  readonly zxid: Zxid;
  readonly atMs: number;
}

/** What a broadcaster says that it will never go below. */
export interface EpochPromise {
  readonly replica: Place;
  readonly incarnation: number;
  readonly acceptedEpoch: Epoch;
}

export interface Vote {
  readonly replica: Place;
  readonly incarnation: number;
  readonly epoch: Epoch;
  /** The candidate's process. */
  readonly candidate: string;
}

export interface Grant {
  readonly replica: Place;
  readonly term: Term;
  readonly lastProposed: Zxid;
}

export interface Proposal {
  readonly kind: EntryKind;
  readonly checksum: number;
}

export interface Digest {
  readonly replica: Place;
  readonly zxid: Zxid;
  readonly digest: string;
}

/** Something of a learner's log that its leader was told. */
export interface LogClaim {
  readonly kind: 'acknowledged' | 'has' | 'toldToCut' | 'repositioned';
  readonly replica: Place;
  readonly incarnation: number;
  readonly zxid: Zxid;
}

/** What was said between broadcasters, and between them and their processors: what Zab's own properties speak of. */
export class BroadcastRecord {
  readonly expiries: ProposedExpiry[] = [];
  readonly promises: EpochPromise[] = [];
  readonly votes: Vote[] = [];
  readonly grants: Grant[] = [];
  readonly logClaims: LogClaim[] = [];
  readonly digests: Digest[] = [];
  /** Processes that said that they lead the epoch. */
  readonly leaders = new Map<Epoch, Set<string>>();
  readonly proposals = new Map<Zxid, Proposal[]>();
  /** Commit points that went back on one link. */
  readonly commitsGoneBack: string[] = [];

  proposed(batch: readonly BroadcastRequest[], atMs: number): void {
    for (const message of batch) {
      if (message.kind !== 'propose') continue;
      for (const entry of message.entries) {
        this.#addProposal(entry);
        const session = expiryIn(entry);
        if (session !== null) this.expiries.push({ session, zxid: entry.zxid, atMs });
      }
    }
  }

  answeredProcessor(broadcaster: VirtualProcess, batch: readonly BroadcastReply[]): void {
    for (const message of batch) {
      if (message.kind !== 'termGranted') continue;
      const { term, lastProposed } = message;
      this.grants.push({ replica: broadcaster.place, term, lastProposed });
      this.leads(termEpoch(term), broadcaster.name);
    }
  }

  promised(promise: EpochPromise): void {
    const last = this.promises.at(-1);
    if (last?.replica === promise.replica && last.acceptedEpoch === promise.acceptedEpoch) return;
    this.promises.push(promise);
  }

  voted(vote: Vote): void {
    this.votes.push(vote);
  }

  /** A process says that it leads the epoch. */
  leads(epoch: Epoch, leader: string): void {
    const leaders = this.leaders.get(epoch);
    if (leaders === undefined) this.leaders.set(epoch, new Set([leader]));
    else leaders.add(leader);
  }

  digest(replica: Place, zxid: Zxid, digest: Uint8Array): void {
    this.digests.push({ replica, zxid, digest: digest.join(' ') });
  }

  hasHistory(replica: Place, incarnation: number, zxid: Zxid): void {
    this.logClaims.push({ kind: 'has', replica, incarnation, zxid });
  }

  repositioned(replica: Place, incarnation: number, zxid: Zxid): void {
    this.logClaims.push({ kind: 'repositioned', replica, incarnation, zxid });
  }

  toldToCut(replica: Place, incarnation: number, zxid: Zxid): void {
    this.logClaims.push({ kind: 'toldToCut', replica, incarnation, zxid });
  }

  acknowledged(replica: Place, incarnation: number, zxid: Zxid): void {
    const last = this.logClaims.at(-1);
    if (last?.kind === 'acknowledged' && last.replica === replica) this.logClaims.pop();
    this.logClaims.push({ kind: 'acknowledged', replica, incarnation, zxid });
  }

  /** The new highest commit point of the link. */
  toldCommitted(learner: string, before: number, now: Zxid): number {
    if (now < before) this.commitsGoneBack.push(`${learner} is told ${now} after ${before}`);
    return Math.max(before, now);
  }

  #addProposal({ zxid, kind, payload }: LogEntry): void {
    const proposal = { kind, checksum: crc32c(payload) };
    const known = this.proposals.get(zxid);
    if (known === undefined) this.proposals.set(zxid, [proposal]);
    else known.push(proposal);
  }
}

function expiryIn({ kind, zxid, payload }: LogEntry): SessionId | null {
  if (kind !== 'data') return null;
  const { change } = decodeTransaction(zxid, payload);
  return change.kind === 'closeSession' && change.end === 'expired' ? change.session : null;
}
