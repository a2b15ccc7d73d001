import { CodecError, decodeConfiguration } from '@paddock/codec';
import { assert, EPOCH_ZERO, follows, formatZxid, ZXID_ZERO } from '@paddock/model';
import type { Epoch, LeaderMessage, LogEntry, Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { DatabaseProbe } from './delivery.ts';
import type { DigestVerdict } from './digest-votes.ts';
import type { Elector, Electors } from './electors.ts';
import type { Ensemble } from './ensemble.ts';

/**
 * connecting: the leader has been dialled, and has not spoken. discovery: its epoch is being accepted. synchronization:
 * this history is brought to its. broadcast: the epoch is established.
 */
export type FollowingPhase = 'connecting' | 'discovery' | 'synchronization' | 'broadcast';

/** What the leader wants done with the log, once everything appended is durable. */
export type LogDemand =
  | { readonly kind: 'truncate'; readonly after: Zxid }
  | { readonly kind: 'snapshot'; readonly atLeast: Zxid };

interface ForwardedProbe {
  readonly number: number;
  readonly from: DatabaseProbe;
}

/** One learner's time under one leader (Zab, phases 1 to 3, the other side). */
export class Following {
  readonly link: number;
  readonly leader: number;
  phase: FollowingPhase = 'connecting';
  epoch: Epoch = EPOCH_ZERO;
  /** Where the leader's database is, once it has said. */
  databaseAddress = '';
  /** Whether a processor holds the leader's term, as last heard (H17). */
  held = false;
  /** Taken by the core. */
  demand: LogDemand | null = null;
  /** Why this leader cannot be followed any more; the core takes it from there. */
  lost: string | null = null;
  /** The voter that the leader has given its place to; null: nobody. */
  handedTo: number | null = null;
  /** The leader waits until this history begins anew behind a snapshot. */
  awaitsSnapshot = false;
  /** Verdicts of the leader on digests, taken by the core. */
  verdicts: DigestVerdict[] = [];

  readonly #ensemble: Ensemble;
  readonly #electors: Electors;
  #heardMs: number;
  #isConnected = false;
  /** What the leader last said was committed; it may be further than what has arrived of its history. */
  #committed: Zxid = ZXID_ZERO;
  /** The end of the history at the leader's `newLeader`: durable first, then the epoch is current. */
  #newLeaderAt: Zxid | null = null;
  /** The epoch was accepted for this leader, not for a candidate or a leader before it. */
  #isPromise = false;
  #isAcknowledging = false;
  #acknowledged: Zxid = ZXID_ZERO;
  readonly #toldHeld = new Set<string>();
  #probes: ForwardedProbe[] = [];
  #nextProbe = 1;

  constructor(
    ensemble: Ensemble,
    electors: Electors,
    link: number,
    leader: Elector,
    nowMs: number,
  ) {
    this.#ensemble = ensemble;
    this.#electors = electors;
    this.link = link;
    this.leader = leader.replica;
    this.#heardMs = nowMs;
  }

  /** True once the leader has spoken: nobody else is voted for then. */
  get isLed(): boolean {
    return this.phase !== 'connecting';
  }

  connected(clusterId: string, out: BroadcasterEffects): void {
    const { self, epochs } = this.#ensemble;
    this.#isConnected = true;
    out.leader.push(this.link, {
      kind: 'follow',
      replica: self.replica,
      incarnation: self.incarnation,
      clusterId,
      acceptedEpoch: epochs.promised,
    });
  }

  received(messages: readonly LeaderMessage[], nowMs: number, out: BroadcasterEffects): void {
    this.#heardMs = nowMs;
    for (const message of messages) {
      this.#receiveOne(message, out);
      if (this.lost !== null || out.fatal !== null) return;
    }
  }

  tick(nowMs: number): void {
    if (nowMs - this.#heardMs > this.#ensemble.timing.leaderLostMs) {
      this.lost = 'the leader says nothing';
    }
  }

  /** The process stood still for so long: the leader's silence in that time proves nothing. */
  stoodStill(ms: number): void {
    this.#heardMs += ms;
  }

  /** The leader's epoch is durably accepted here. */
  epochAccepted(epoch: Epoch, out: BroadcasterEffects): void {
    if (this.phase === 'discovery' && epoch === this.epoch) this.#tellAccepted(out);
  }

  /** The epoch is durably current here: the leader may count on this history. */
  epochCurrent(epoch: Epoch, out: BroadcasterEffects): void {
    if (this.phase !== 'synchronization' || epoch !== this.epoch) return;
    out.leader.push(this.link, { kind: 'synchronized', epoch });
    this.#acknowledged = ZXID_ZERO;
    this.#isAcknowledging = true;
  }

  /** The log was cut, or begins anew: the leader goes on from there. */
  positioned(lastZxid: Zxid, out: BroadcasterEffects): void {
    this.awaitsSnapshot = false;
    out.leader.push(this.link, { kind: 'position', lastZxid });
  }

  probe(from: DatabaseProbe, out: BroadcasterEffects): void {
    if (this.phase !== 'broadcast') return;
    const number = this.#nextProbe++;
    // Only the newest answer of a link matters.
    this.#probes = this.#probes.filter(
      (it) => it.from.link !== from.link || it.from.probe + 8 > from.probe,
    );
    this.#probes.push({ number, from });
    out.leader.push(this.link, { kind: 'probe', probe: number });
  }

  /** The leader learns of every backup that this database holds. */
  tellHeld(out: BroadcasterEffects): void {
    if (this.phase === 'connecting' || this.phase === 'discovery') return;
    for (const backup of this.#ensemble.restorations.held) {
      if (this.#toldHeld.has(backup)) continue;
      this.#toldHeld.add(backup);
      out.leader.push(this.link, { kind: 'backupHeld', backup });
    }
  }

  digest(zxid: Zxid, digest: Uint8Array, out: BroadcasterEffects): void {
    if (this.phase === 'broadcast') out.leader.push(this.link, { kind: 'digest', zxid, digest });
  }

  /** Tells the leader how far this history is durable. */
  advance(out: BroadcasterEffects): void {
    const { history, epochs } = this.#ensemble;
    this.tellHeld(out);
    if (this.#newLeaderAt !== null && history.durable >= this.#newLeaderAt) {
      this.#newLeaderAt = null;
      epochs.makeCurrent(this.epoch, { kind: 'current' }, out);
    }
    if (!this.#isAcknowledging || history.durable <= this.#acknowledged) return;
    this.#acknowledged = history.durable;
    out.leader.push(this.link, { kind: 'ack', zxid: history.durable });
  }

  #receiveOne(message: LeaderMessage, out: BroadcasterEffects): void {
    const { self } = this.#ensemble;
    switch (message.kind) {
      case 'newEpoch':
        this.databaseAddress = message.databaseAddress;
        this.#newEpoch(message.epoch, out);
        break;
      case 'truncate':
        this.demand = { kind: 'truncate', after: message.after };
        break;
      case 'snapshotNeeded':
        this.awaitsSnapshot = true;
        this.demand = { kind: 'snapshot', atLeast: message.atLeast };
        break;
      case 'entries':
        this.#append(message.entries, out);
        this.#isAcknowledging = true;
        this.#commit(message.committed);
        break;
      case 'commit':
        this.#commit(message.zxid);
        break;
      case 'newLeader':
        if (message.epoch === this.epoch) this.#newLeaderAt = this.#ensemble.history.last;
        break;
      case 'upToDate':
        this.phase = 'broadcast';
        this.#commit(message.committed);
        break;
      case 'heartbeat':
        this.#heartbeat(message.round, message.held, out);
        break;
      case 'backupNeeded':
        this.#ensemble.restorations.need(message.backup);
        break;
      case 'probed':
        this.#probed(message.probe, message.floor, out);
        break;
      case 'digestVerdict':
        this.verdicts.push(message);
        break;
      case 'handOver':
        this.handedTo = message.replica;
        this.lost = `leadership goes to replica ${message.replica}`;
        break;
      case 'removed':
        out.fatal = {
          code: 'removed',
          reason:
            `replica ${self.replica} was removed from the ensemble (configuration ${message.version}); ` +
            'it can be added again with empty directories',
        };
        break;
    }
  }

  /** The leader's first word, and again when it runs discovery anew. */
  #newEpoch(epoch: Epoch, out: BroadcasterEffects): void {
    const { epochs, memberships } = this.#ensemble;
    if (epoch < epochs.promised) {
      this.lost = `its epoch ${epoch} is below ${epochs.promised}, which is accepted here`;
      return;
    }
    if (!this.#electors.isPlausible(epoch, epochs.accepted, memberships.voters)) {
      this.lost = `it claims epoch ${epoch}, far above every known one`;
      out.events.push({
        level: 'error',
        message: 'an epoch far above every known one was claimed, and is not believed',
        epoch,
        detail: { claimedBy: this.leader, accepted: epochs.accepted },
      });
      return;
    }
    this.phase = 'discovery';
    this.epoch = epoch;
    this.#newLeaderAt = null;
    this.#isAcknowledging = false;
    this.demand = null;
    this.awaitsSnapshot = false;
    this.#isPromise = epoch > epochs.promised;
    if (this.#isPromise) epochs.accept(epoch, { kind: 'following' }, out);
    else if (epoch === epochs.accepted) this.#tellAccepted(out);
  }

  #tellAccepted(out: BroadcasterEffects): void {
    const { epochs, history } = this.#ensemble;
    this.phase = 'synchronization';
    out.leader.push(this.link, {
      kind: 'epochAccepted',
      epoch: this.epoch,
      history: { currentEpoch: epochs.current, lastZxid: history.last },
      isPromise: this.#isPromise,
    });
  }

  #append(entries: readonly LogEntry[], out: BroadcasterEffects): void {
    const { history } = this.#ensemble;
    for (const entry of entries) {
      // Proposed again behind what was sent in synchronization: not illegal, and here already.
      if (entry.zxid <= history.last) continue;
      if (!follows(history.last, entry.zxid)) {
        this.lost = `it sent ${formatZxid(entry.zxid)} behind ${formatZxid(history.last)}`;
        return;
      }
      if (entry.kind === 'configuration' && !this.#obey(entry)) return;
      if (entry.kind === 'restoration' && !this.#restore(entry)) return;
      history.append(entry);
      out.append.push(entry);
    }
  }

  /** Membership is obeyed from its append on (H11). */
  #obey(entry: LogEntry): boolean {
    try {
      this.#ensemble.memberships.append(entry.zxid, decodeConfiguration(entry.payload));
      return true;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.lost = `its configuration ${formatZxid(entry.zxid)} cannot be read: ${error.message}`;
      return false;
    }
  }

  /** The leader sends none whose backup is not held here. */
  #restore(entry: LogEntry): boolean {
    try {
      this.#ensemble.restorations.append(entry);
      return true;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.lost = `its restoration ${formatZxid(entry.zxid)} cannot be read: ${error.message}`;
      return false;
    }
  }

  /** What is committed may be further on than what has come of it. */
  #commit(zxid: Zxid): void {
    const { history, memberships } = this.#ensemble;
    if (zxid > this.#committed) this.#committed = zxid;
    history.markCommitted(this.#committed < history.last ? this.#committed : history.last);
    memberships.settle(history.committed);
  }

  #heartbeat(round: number, held: boolean, out: BroadcasterEffects): void {
    this.held = held && this.phase === 'broadcast';
    assert(this.#isConnected, 'a link is connected before anything is received');
    // Only while nobody else was promised anything since (H13).
    if (this.#ensemble.epochs.promised === this.epoch) {
      out.leader.push(this.link, { kind: 'heartbeatAck', round });
    }
  }

  #probed(probe: number, floor: Zxid, out: BroadcasterEffects): void {
    const asked = this.#probes.find((it) => it.number === probe);
    if (asked === undefined) return;
    this.#probes = this.#probes.filter((it) => it.number > probe);
    out.databases.push(asked.from.link, { kind: 'probed', probe: asked.from.probe, floor });
  }
}
