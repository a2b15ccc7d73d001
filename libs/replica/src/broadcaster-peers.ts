import type {
  ElectionReply,
  ElectionRequest,
  LeaderMessage,
  LearnerMessage,
  Timing,
} from '@paddock/model';
import type { Link, LinkAcceptor, LinkDialer, LinkEnd, Timers } from '@paddock/ports';
import type { BroadcasterEffects, BroadcasterEvent, PeerAddress } from '@paddock/zab-core';
import { AcceptedLinks } from './accepted-links.ts';
import { DialledLink } from './dialled-link.ts';
import { STAGE_STOPS } from './stage.ts';

export interface BroadcasterPeersDependencies {
  readonly timers: Timers;
  readonly election: LinkDialer<ElectionRequest[], ElectionReply[]>;
  readonly broadcast: LinkDialer<LearnerMessage[], LeaderMessage[]>;
  /** Told where a broadcaster has answered that may come to lead, each time that it is reached anew. */
  readonly reached?: (address: string) => void;
  /** Gives the core an event. */
  readonly take: (event: BroadcasterEvent) => void;
}

type Elector = DialledLink<ElectionRequest[], ElectionReply[]>;

/**
 * A broadcaster's links to those of the other replicas: the votes that it asks for and those that it is asked for, the
 * leader that it learns from and the learners that it leads.
 */
export class BroadcasterPeers {
  readonly #timing: Timing;
  readonly #dependencies: BroadcasterPeersDependencies;
  /** By replica. */
  readonly #electors = new Map<number, Elector>();
  readonly #candidates: AcceptedLinks<ElectionReply[], ElectionRequest[]>;
  readonly #learners: AcceptedLinks<LeaderMessage[], LearnerMessage[]>;
  /** Learners whose link holds more than its bound, as the core knows it. */
  readonly #fullLearners = new Set<number>();
  #leader: Link<LearnerMessage[]> | null = null;
  #leaderNumber = 0;

  constructor(timing: Timing, dependencies: BroadcasterPeersDependencies) {
    const { take } = dependencies;
    this.#timing = timing;
    this.#dependencies = dependencies;
    this.#candidates = new AcceptedLinks({
      connected: (link) => take({ kind: 'candidateConnected', link }),
      received: (link, messages) => take({ kind: 'candidateReceived', link, messages }),
      ended: (link, end) => take({ kind: 'candidateEnded', link, end }),
    });
    this.#learners = new AcceptedLinks({
      connected: (link) => take({ kind: 'learnerConnected', link }),
      received: (link, messages) => take({ kind: 'learnerReceived', link, messages }),
      ended: (link, end) => {
        this.#fullLearners.delete(link);
        take({ kind: 'learnerEnded', link, end });
      },
      slow: (link) => this.#learnerFull(link, true),
      drained: (link) => this.#learnerFull(link, false),
    });
  }

  get acceptCandidate(): LinkAcceptor<ElectionReply[], ElectionRequest[]> {
    return this.#candidates.accept;
  }

  get acceptLearner(): LinkAcceptor<LeaderMessage[], LearnerMessage[]> {
    return this.#learners.accept;
  }

  /** The broadcasters that are to be reached and have not answered yet. */
  get silentElectors(): readonly PeerAddress[] {
    const silent: PeerAddress[] = [];
    for (const [replica, elector] of this.#electors) {
      if (!elector.isProven) silent.push({ replica, address: elector.address });
    }
    return silent;
  }

  carryOut(effects: BroadcasterEffects): void {
    if (effects.dialElectors !== null) this.#dialElectors(effects.dialElectors);
    effects.electors.drain((replica, batch) => {
      this.#electors.get(replica)?.link?.send(batch);
    });
    effects.candidates.drain((link, batch) => this.#candidates.send(link, batch));
    effects.learners.drain((link, batch) => this.#learners.send(link, batch));
    effects.leader.drain((link, batch) => {
      if (link === this.#leaderNumber) this.#leader?.send(batch);
    });
    for (const { link, end } of effects.closeCandidates) this.#candidates.close(link, end);
    for (const { link, end } of effects.closeLearners) {
      this.#fullLearners.delete(link);
      this.#learners.close(link, end);
    }
    this.#changeLeader(effects);
  }

  stop(): void {
    for (const elector of this.#electors.values()) elector.stop();
    this.#electors.clear();
    this.#hangUpLeader(STAGE_STOPS);
    this.#candidates.closeAll(STAGE_STOPS);
    this.#learners.closeAll(STAGE_STOPS);
  }

  #dialElectors(peers: readonly PeerAddress[]): void {
    for (const [replica, elector] of this.#electors) {
      const wanted = peers.find((peer) => peer.replica === replica);
      if (wanted?.address === elector.address) continue;
      this.#electors.delete(replica);
      const wasOpen = elector.link !== undefined;
      elector.stop();
      if (wasOpen && wanted !== undefined) {
        this.#dependencies.take({ kind: 'electorEnded', replica, end: STAGE_STOPS });
      }
    }
    for (const peer of peers) {
      if (!this.#electors.has(peer.replica)) this.#dialElector(peer);
    }
  }

  #dialElector({ replica, address }: PeerAddress): void {
    const { timers, election, take, reached } = this.#dependencies;
    let isReached = false;
    const elector: Elector = new DialledLink(address, this.#timing, {
      timers,
      dialer: election,
      handlers: {
        connected: () => {
          isReached = false;
          take({ kind: 'electorConnected', replica });
        },
        received: (messages) => {
          if (this.#electors.get(replica) !== elector) return;
          if (!isReached) reached?.(address);
          isReached = true;
          take({ kind: 'electorReceived', replica, messages });
        },
        ended: (end) => take({ kind: 'electorEnded', replica, end }),
      },
    });
    this.#electors.set(replica, elector);
    elector.dial();
  }

  /** Steps of one round may have changed their minds: the last word holds. */
  #changeLeader({ closeLeader, dialLeader }: BroadcasterEffects): void {
    if (closeLeader !== null && closeLeader.link >= this.#leaderNumber) {
      this.#hangUpLeader(closeLeader.end);
    }
    if (dialLeader === null || dialLeader.link === closeLeader?.link) return;
    this.#hangUpLeader({ cause: 'closed', reason: 'another leader is followed' });
    const { take } = this.#dependencies;
    const { link: number, address } = dialLeader;
    this.#leaderNumber = number;
    this.#leader = this.#dependencies.broadcast.dial(address, {
      received: (messages) => {
        if (number === this.#leaderNumber) take({ kind: 'leaderReceived', link: number, messages });
      },
      drained: () => undefined,
      ended: (end) => {
        if (number !== this.#leaderNumber || this.#leader === null) return;
        this.#leader = null;
        take({ kind: 'leaderEnded', link: number, end });
      },
    });
    take({ kind: 'leaderConnected', link: number });
  }

  #hangUpLeader(end: LinkEnd): void {
    const link = this.#leader;
    this.#leader = null;
    link?.close(end);
  }

  #learnerFull(link: number, full: boolean): void {
    if (full === this.#fullLearners.has(link)) return;
    if (full) this.#fullLearners.add(link);
    else this.#fullLearners.delete(link);
    this.#dependencies.take({ kind: 'learnerFull', link, full });
  }
}
