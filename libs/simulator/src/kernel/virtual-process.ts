import type { CancelTimer, Clock, Timers } from '@paddock/ports';
import type { Place } from './network-conditions.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface VirtualProcessDependencies {
  readonly place: Place;
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly wallMs: () => number;
  /** The process has thrown what nothing in it has caught. */
  readonly threw: (error: unknown) => void;
  /** Its tasks settle promises, which are heard before the next task of anybody. */
  readonly usesPromises?: boolean;
}

/** A turn of an event loop takes up to so long. */
const TURN_MS = 0.3;

/** One process of the simulated machines: it can be stopped for a while (SIGSTOP), and killed. */
export class VirtualProcess {
  readonly name: string;
  readonly place: Place;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly #dependencies: VirtualProcessDependencies;
  #pausedUntilMs = -Infinity;
  #isAlive = true;

  constructor(name: string, dependencies: VirtualProcessDependencies) {
    const { place, time, random, wallMs } = dependencies;
    this.name = name;
    this.place = place;
    this.#dependencies = dependencies;
    this.clock = { monotonicMs: () => time.nowMs, wallMs };
    this.timers = {
      after: (delayMs, task) => time.after(delayMs, () => this.run(task)),
      every: (periodMs, task) => this.#every(periodMs, task),
      soon: (task) => time.after(random.real() * TURN_MS, () => this.run(task)),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#dependencies.time.nowMs < this.#pausedUntilMs;
  }

  /** Runs the task now; once the process runs again, if it is paused; never, if it is dead. */
  run(task: () => void): void {
    if (!this.#isAlive) return;
    const { time, usesPromises } = this.#dependencies;
    if (this.isPaused) {
      time.after(this.#pausedUntilMs - time.nowMs, () => this.run(task));
      return;
    }
    if (usesPromises === true) time.settles();
    try {
      task();
    } catch (error) {
      this.#dependencies.threw(error);
    }
  }

  pause(durationMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#dependencies.time.nowMs + durationMs);
  }

  kill(): void {
    this.#isAlive = false;
  }

  /** As in a real process: what came due several times during a pause comes once. */
  #every(periodMs: number, task: () => void): CancelTimer {
    let isCancelled = false;
    let cancel: CancelTimer = () => undefined;
    const arm = (): void => {
      cancel = this.timers.after(periodMs, () => {
        arm();
        if (!isCancelled) task();
      });
    };
    arm();
    return () => {
      isCancelled = true;
      cancel();
    };
  }
}
