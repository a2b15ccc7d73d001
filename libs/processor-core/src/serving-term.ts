import { assert } from '@paddock/model';
import type { Limits, ProcessorRequest, Term, Timing } from '@paddock/model';
import { Admission } from './admission.ts';
import type { Confirmations } from './confirmations.ts';
import type { FrontendLink } from './frontend-link.ts';
import { fillZnodes } from './look-ups.ts';
import type { LookUp, LookUpAnswered, LookUps } from './look-ups.ts';
import { OutcomeAcknowledgements } from './outcome-acknowledgements.ts';
import { Overlay } from './overlay.ts';
import type { ProcessorEffects } from './processor-effects.ts';
import { Proposals } from './proposals.ts';
import { Quotas } from './quotas.ts';
import { Reaping } from './reaping.ts';
import { RequestQueue } from './request-queue.ts';
import { SessionExpiry } from './session-expiry.ts';
import type { SessionState } from './session-table.ts';
import { Settlement } from './settlement.ts';
import type { TermLoading } from './term-loading.ts';
import type { TermState } from './term-state.ts';
import { Tombstones } from './tombstones.ts';

/** One in so many of the overlay's places is for znodes that are not in flight, and likely to be needed again. */
const SETTLED_SHARE = 8;

/** A term from its marker on: requests in, transactions out. */
export class ServingTerm {
  readonly state: TermState;
  readonly #admission: Admission;
  readonly #settlement: Settlement;
  #exhaustionTold = false;

  constructor(
    loaded: TermLoading,
    lookUps: LookUps,
    broadcaster: number,
    limits: Limits,
    timing: Timing,
  ) {
    const { term, lastProposed, sessions } = loaded;
    const overlay = new Overlay(lastProposed, Math.floor(limits.overlayEntries / SETTLED_SHARE));
    const queue = new RequestQueue();
    this.state = {
      term,
      limits,
      timing,
      sessions,
      expiry: new SessionExpiry(timing.tickMs),
      overlay,
      quotas: new Quotas(loaded.quotas),
      lookUps,
      queue,
      proposals: new Proposals(term, broadcaster, lastProposed, loaded.time, limits),
      acknowledgements: new OutcomeAcknowledgements(),
      tombstones: new Tombstones(
        limits.tombstoneTransactions,
        loaded.oldestTombstone,
        lastProposed,
      ),
      reaping: new Reaping(overlay, lookUps, queue),
    };
    for (const session of sessions.values()) this.state.expiry.add(session);
    this.#admission = new Admission(this.state);
    this.#settlement = new Settlement(this.state);
  }

  get term(): Term {
    return this.state.term;
  }

  proposeMarker(processorAddress: string, out: ProcessorEffects): void {
    const { proposals, overlay, term } = this.state;
    const marker = proposals.proposeMarker({ term, processorAddress }, out.broadcaster);
    overlay.record(marker.zxid, marker.bytes, null, null, null);
  }

  /** In its place among the transactions; nothing that is validated depends on it. */
  configure(configuration: Uint8Array, out: ProcessorEffects): void {
    const { proposals, overlay } = this.state;
    // The broadcaster goes on in another epoch, and asks for it again there.
    if (proposals.exhausted) return;
    const zxid = proposals.proposeConfiguration(configuration, out.broadcaster);
    overlay.record(zxid, configuration.length, null, null, null);
  }

  /** Bytes of requests that wait and of transactions that are not applied yet. */
  get bytesHeld(): number {
    return this.state.queue.bytes + this.state.overlay.bytesInFlight;
  }

  /** The bound of everything that grows with requests: beyond it the front-ends are not read (H5). */
  get wantsRequests(): boolean {
    const { queue, overlay, limits, proposals } = this.state;
    return (
      queue.length < limits.overlayEntries &&
      overlay.size < limits.overlayEntries &&
      overlay.changesInFlight < limits.overlayEntries &&
      this.bytesHeld < limits.queueBytes &&
      !proposals.exhausted
    );
  }

  received(
    frontend: FrontendLink,
    messages: readonly ProcessorRequest[],
    confirmations: Confirmations,
    out: ProcessorEffects,
  ): void {
    const admission = this.#admission;
    admission.startBatch();
    for (const message of messages) {
      switch (message.kind) {
        case 'write':
          admission.write(frontend, message, out.frontends);
          break;
        case 'openSession':
          admission.open(frontend, message);
          break;
        case 'resumeSession':
          admission.resume(frontend, message);
          break;
        case 'touch':
          for (const { session, attachment } of message.touches) {
            admission.touch(session, attachment);
          }
          confirmations.add({ kind: 'touch', frontend, number: message.round });
          break;
        case 'acknowledge':
          admission.acknowledge(message);
          break;
        case 'readIndex':
          confirmations.add({ kind: 'readIndex', frontend, number: message.request });
          break;
      }
    }
    this.#settlement.run(out);
  }

  answered(lookUp: LookUp, message: LookUpAnswered, out: ProcessorEffects): void {
    const { answer } = message;
    if (lookUp.kind === 'znodes' && answer.kind === 'znodes') {
      fillZnodes(this.state.overlay, lookUp.znodes, answer);
    } else if (lookUp.kind === 'ephemerals' && answer.kind === 'ephemerals') {
      assert(lookUp.close.ephemerals === null, 'a look-up is answered once');
      lookUp.close.ephemerals = answer.ephemerals;
      this.state.overlay.hold();
    } else if (lookUp.kind === 'subtree' && answer.kind === 'subtree') {
      lookUp.subtree.answer = answer;
      this.state.overlay.hold();
    } else if (lookUp.kind === 'subtreeUse' && answer.kind === 'subtreeUse') {
      lookUp.request.use = answer;
    } else if (lookUp.kind === 'data' && answer.kind === 'data') {
      this.state.overlay.fillData(lookUp.znode, answer.data[0] ?? null);
    } else if (answer.kind === 'reapable') this.state.reaping.answered(answer.paths);
    this.#settlement.run(out);
  }

  /** `isHeard`: front-ends are read, so that whoever shows no life has none. */
  tick(elapsedMs: number, isHeard: boolean, out: ProcessorEffects): void {
    const { expiry, acknowledgements, tombstones, proposals, queue } = this.state;
    if (isHeard) {
      const expire = (state: SessionState): void => this.#admission.expire(state);
      expiry.tick(elapsedMs, queue.expiries, expire);
    }
    while (!proposals.exhausted) {
      const change = acknowledgements.take();
      if (change === null) break;
      this.#settlement.propose(change, out);
    }
    if (!proposals.exhausted) {
      const change = tombstones.take(proposals.lastAssigned);
      if (change !== null) this.#settlement.propose(change, out);
    }
    this.state.reaping.tick(proposals.time);
  }

  /** Once a step: what the step has gathered leaves. */
  flush(out: ProcessorEffects): void {
    const { proposals, quotas } = this.state;
    quotas.note(out.events);
    proposals.flush(out.broadcaster);
    if (!proposals.exhausted || this.#exhaustionTold) return;
    this.#exhaustionTold = true;
    out.events.push({
      level: 'error',
      message: 'the zxids of this epoch have run out; nothing is accepted before the next epoch',
      zxid: proposals.lastAssigned,
    });
  }
}
