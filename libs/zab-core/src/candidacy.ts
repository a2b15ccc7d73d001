import { EPOCH_MAX, makeEpoch } from '@paddock/model';
import type { ElectionReply, Epoch, Timing } from '@paddock/model';
import type { Random } from '@paddock/ports';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Elector, Electors } from './electors.ts';
import type { Epochs } from './epochs.ts';
import { Vote } from './quorum.ts';
import type { VoterIdentity } from './quorum.ts';
import type { Standing } from './standing.ts';

/**
 * resting: there is a leader. waiting: until its time comes. asking: whether a quorum would vote (changes nothing).
 * accepting: its own epoch becomes durable. voting: for its epoch.
 */
export type CandidacyPhase = 'resting' | 'waiting' | 'asking' | 'accepting' | 'voting';

/**
 * At first they stand one after the other, by their numbers, so many to the spread: two at once take votes from each
 * other, and then both have lost more time than a place in the row costs.
 */
const PLACES = 4;

/** A candidate whom others beat waits longer each time, up to the spread times this power of two. */
const LONGEST_DOUBLING = 4;

/**
 * How this broadcaster stands for leader. The pre-vote keeps one that is cut off from raising epochs (H24); the vote is
 * Zab's discovery: whoever grants it has durably accepted the epoch, and has no history that the candidate lacks.
 */
export class Candidacy {
  phase: CandidacyPhase = 'resting';
  /** When something is to be done though nothing happens; Infinity: never. */
  wakeAtMs = Infinity;

  readonly #self: VoterIdentity;
  readonly #timing: Timing;
  readonly #random: Random;
  readonly #electors: Electors;
  readonly #epochs: Epochs;
  #standAtMs = 0;
  #deadlineMs = 0;
  #failures = 0;
  #isHeir = false;
  #ballot = 0;
  #vote: Vote | null = null;
  #unanswered = 0;
  #highest: Epoch;
  #epoch: Epoch;

  constructor(
    self: VoterIdentity,
    timing: Timing,
    random: Random,
    electors: Electors,
    epochs: Epochs,
  ) {
    this.#self = self;
    this.#timing = timing;
    this.#random = random;
    this.#electors = electors;
    this.#epochs = epochs;
    this.#highest = epochs.promised;
    this.#epoch = epochs.promised;
  }

  /** There is no leader. `hasFailed`: this broadcaster just could not lead, so others go first. */
  begin(nowMs: number, hasFailed: boolean): void {
    this.#failures = 0;
    this.#waitFrom(hasFailed ? nowMs + this.#timing.leaderLostMs : nowMs);
  }

  /** The leader has given its place to this broadcaster: it stands at once. */
  inherit(nowMs: number): void {
    this.#failures = 0;
    this.#waitFrom(nowMs);
    this.#standAtMs = nowMs;
    this.#isHeir = true;
  }

  /** From its own decision to raise the epoch until that has failed: no pre-vote is granted meanwhile. */
  get isEngaged(): boolean {
    return this.phase === 'accepting' || this.phase === 'voting';
  }

  rest(): void {
    this.phase = 'resting';
    this.#vote = null;
    this.wakeAtMs = Infinity;
  }

  /** Another candidate got this one's vote: it has time to lead. */
  yield(nowMs: number): void {
    if (this.phase !== 'resting') this.#waitFrom(nowMs + this.#timing.leaderLostMs / 2);
  }

  /** Does what it is time for. True when the epochs have run out. */
  advance(nowMs: number, standing: Standing, out: BroadcasterEffects): boolean {
    switch (this.phase) {
      case 'resting':
      case 'accepting':
        this.wakeAtMs = Infinity;
        return false;
      case 'waiting':
        return this.#advanceWaiting(nowMs, standing, out);
      case 'asking':
      case 'voting':
        if (nowMs >= this.#deadlineMs) this.#fail(nowMs);
        return false;
    }
  }

  preVoteAnswered(
    elector: Elector,
    answer: Extract<ElectionReply, { kind: 'preVoteAnswer' }>,
    nowMs: number,
    standing: Standing,
    out: BroadcasterEffects,
  ): void {
    elector.acceptedEpoch = answer.acceptedEpoch;
    if (this.phase !== 'asking' || answer.ballot !== this.#ballot) return;
    if (elector.identity === null) return;
    this.#unanswered--;
    this.#heedEpoch(answer.acceptedEpoch, standing);
    if (answer.granted) this.#vote?.add(elector.identity);
    if (this.#vote?.isWon === true) this.#acceptOwn(out);
    else if (this.#unanswered === 0) this.#fail(nowMs);
  }

  /** The own epoch is durable: now it may be spoken. True if that is already the victory. */
  accepted(epoch: Epoch, nowMs: number, standing: Standing, out: BroadcasterEffects): boolean {
    if (this.phase !== 'accepting' || epoch !== this.#epoch) return false;
    this.phase = 'voting';
    this.#vote = new Vote(standing.rule);
    this.#vote.add(this.#self);
    this.#deadlineMs = nowMs + this.#timing.leaderLostMs;
    this.wakeAtMs = this.#deadlineMs;
    this.#unanswered = 0;
    for (const { replica } of this.#asked(standing)) {
      this.#unanswered++;
      out.electors.push(replica, { kind: 'vote', epoch, history: standing.history });
    }
    return this.#vote.isWon;
  }

  /** True if it was the vote that decides. */
  voteAnswered(
    elector: Elector,
    answer: Extract<ElectionReply, { kind: 'voteAnswer' }>,
    nowMs: number,
  ): boolean {
    elector.acceptedEpoch = answer.acceptedEpoch;
    if (this.phase !== 'voting' || answer.epoch !== this.#epoch) return false;
    if (elector.identity === null) return false;
    this.#unanswered--;
    if (answer.granted) this.#vote?.add(elector.identity);
    if (this.#vote?.isWon === true) return true;
    if (this.#unanswered === 0) this.#fail(nowMs);
    return false;
  }

  /** Who has voted for this broadcaster, in the lives in which they did. */
  get ayes(): readonly VoterIdentity[] {
    return this.#vote?.ayes ?? [];
  }

  /** The epoch that is stood for. */
  get epoch(): Epoch {
    return this.#epoch;
  }

  #advanceWaiting(nowMs: number, standing: Standing, out: BroadcasterEffects): boolean {
    const alone = standing.rule.isWon([this.#self]);
    const handicapMs = standing.isHandicapped ? this.#timing.stageLostMs : 0;
    const placeMs =
      this.#failures === 0 && !this.#isHeir ? this.#ahead(nowMs, standing) * this.#placeMs : 0;
    const atMs = alone ? nowMs : this.#standAtMs + handicapMs + placeMs;
    this.wakeAtMs = atMs;
    if (nowMs < atMs) return false;
    // Nothing but an event changes that, so no timer waits for it.
    this.wakeAtMs = Infinity;
    if (standing.mayNotStand !== null || standing.isUnsettled || this.#epochs.isWriting) {
      return false;
    }
    const reachable: VoterIdentity[] = [this.#self];
    for (const { identity } of this.#electors.introduced) {
      if (identity !== null) reachable.push(identity);
    }
    if (!standing.rule.isWon(reachable)) return false;
    if (this.#epochs.promised >= EPOCH_MAX) return true;
    this.#ask(nowMs, standing, out);
    return false;
  }

  #ask(nowMs: number, standing: Standing, out: BroadcasterEffects): void {
    this.phase = 'asking';
    this.#ballot++;
    this.#highest = this.#epochs.promised;
    this.#vote = new Vote(standing.rule);
    this.#vote.add(this.#self);
    this.#deadlineMs = nowMs + this.#timing.leaderLostMs;
    this.wakeAtMs = this.#deadlineMs;
    this.#unanswered = 0;
    for (const { replica } of this.#asked(standing)) {
      this.#unanswered++;
      const { history } = standing;
      out.electors.push(replica, { kind: 'preVote', ballot: this.#ballot, history });
    }
    if (this.#vote.isWon) this.#acceptOwn(out);
  }

  #acceptOwn(out: BroadcasterEffects): void {
    this.phase = 'accepting';
    this.wakeAtMs = Infinity;
    this.#vote = null;
    const above = this.#highest > this.#epochs.promised ? this.#highest : this.#epochs.promised;
    this.#epoch = makeEpoch(above < EPOCH_MAX ? above + 1 : EPOCH_MAX);
    this.#epochs.accept(this.#epoch, { kind: 'candidacy' }, out);
  }

  #heedEpoch(epoch: Epoch, standing: Standing): void {
    if (epoch <= this.#highest || epoch >= EPOCH_MAX) return;
    if (this.#electors.isPlausible(epoch, this.#epochs.accepted, standing.identity.voters)) {
      this.#highest = epoch;
    }
  }

  /** Those who can be asked, and whose votes count. */
  #asked({ rule }: Standing): readonly Elector[] {
    return this.#electors.introduced.filter(
      ({ identity }) => identity !== null && rule.counts(identity),
    );
  }

  get #placeMs(): number {
    return this.#timing.electionSpreadMs / PLACES;
  }

  /** How many can be expected to stand before this one. */
  #ahead(nowMs: number, standing: Standing): number {
    const { replica } = this.#self;
    return this.#asked(standing).filter((it) => it.replica < replica && it.avoidUntilMs <= nowMs)
      .length;
  }

  #fail(nowMs: number): void {
    this.#failures++;
    this.#waitFrom(nowMs);
  }

  #waitFrom(nowMs: number): void {
    this.phase = 'waiting';
    this.#vote = null;
    this.#isHeir = false;
    const doublings = Math.min(this.#failures, LONGEST_DOUBLING);
    const spreadMs =
      this.#failures === 0 ? this.#placeMs / 2 : this.#timing.electionSpreadMs * 2 ** doublings;
    this.#standAtMs = nowMs + this.#random.below(Math.ceil(spreadMs) + 1);
    this.wakeAtMs = this.#standAtMs;
  }
}
