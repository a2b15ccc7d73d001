import { formatZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import type { BroadcasterEffects } from '../../src/index.ts';
import type { SimulatedBroadcaster } from './simulated-broadcaster.ts';
import { SimulatedEnsemble } from './simulated-ensemble.ts';

/** One of its replicas dies in the n-th step that any of them makes, and starts again a little later. */
class InterruptedEnsemble extends SimulatedEnsemble {
  readonly #step: number;
  readonly #isHeard: boolean;
  #steps = 0;
  #isOver = false;

  /** `isHeard`: what the others are told in that step still leaves. */
  constructor(step: number, isHeard: boolean) {
    super(11, { voters: 3 });
    this.#step = step;
    this.#isHeard = isHeard;
  }

  get wasInterrupted(): boolean {
    return this.#isOver;
  }

  override carry(from: SimulatedBroadcaster, out: BroadcasterEffects): void {
    // What it does while it starts is not interrupted: it is not known as running yet.
    if (this.find(from.replica) === from) this.#steps++;
    if (this.#steps !== this.#step || this.#isOver) {
      super.carry(from, out);
      return;
    }
    this.#isOver = true;
    if (this.#isHeard) super.carry(from, out);
    this.kill(from.replica);
    this.time.after(400, () => this.start(from.replica));
  }
}

const BLOCK = 20;
const BLOCKS = [0, 1, 2, 3, 4, 5, 6, 7];

function isWell(ensemble: SimulatedEnsemble): boolean {
  const { leader, running } = ensemble;
  if (leader === undefined || running.length < 3) return false;
  const { term, committed, lastProposed } = leader.core.status();
  return (
    term > 0 &&
    committed === lastProposed &&
    running.every((it) => it.lastApplied === committed && it.core.status().role !== 'looking')
  );
}

/** Founds, elects, synchronizes, broadcasts; then the same once more under another leader. */
function interrupted(step: number, isHeard: boolean): SimulatedEnsemble {
  const ensemble = new InterruptedEnsemble(step, isHeard);
  const { time } = ensemble;
  const work = (): void => {
    ensemble.leader?.propose(2);
    if (time.nowMs < 3000) time.after(20, work);
  };
  ensemble.startAll();
  work();
  time.run(800);
  const { leader } = ensemble;
  if (leader !== undefined) {
    ensemble.kill(leader.replica);
    time.after(1000, () => ensemble.start(leader.replica));
  }
  time.run(3000);
  if (!time.run(30_000, () => isWell(ensemble))) ensemble.violated('it does not recover');
  const kept = new Set(ensemble.leader?.applied.map((it) => it.zxid));
  for (const zxid of ensemble.history.keys()) {
    if (!kept.has(zxid)) ensemble.violated(`${formatZxid(zxid)} was applied, and is lost`);
  }
  if (!ensemble.wasInterrupted) ensemble.violated('there were fewer steps');
  return ensemble;
}

describe('bugs 13 and 14: a replica that crashes in any step from its founding to broadcast', () => {
  it.each(BLOCKS)('loses nothing, and is no hindrance (%i)', (block) => {
    for (let at = 1; at <= BLOCK; at++) {
      const step = block * BLOCK + at;
      const { violations } = interrupted(step, step % 2 === 0);
      expect({ step, violations }).toEqual({ step, violations: [] });
    }
  });
});
