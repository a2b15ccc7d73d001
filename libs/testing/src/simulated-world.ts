import type { Client } from '@paddock/client';
import { Application } from '@paddock/simulator';
import type { FaultyUser, SimulatedEnsemble, World } from '@paddock/simulator';
import { EnsembleError } from './ensemble-error.ts';
import type { SeededChoice } from './seeded-choice.ts';

/** One life of a simulated process. It ends when its work does, and may die before. */
export interface SimulatedProcess {
  readonly name: string;
  /** Its session; it is not open yet, and may be over before the process is. */
  readonly client: Client;
  /** Which life of it this is, from 1 on. */
  readonly life: number;
  readonly random: SeededChoice;
  /** In the place of `setTimeout`: a process that is stopped sleeps longer. */
  readonly sleep: (durationMs: number) => Promise<void>;
  /** Stops it, as by SIGSTOP: whatever it awaits comes later. */
  readonly pause: (durationMs: number) => void;
}

export type Work = (process: SimulatedProcess) => Promise<void>;

/** What a scenario runs in: an ensemble under faults, in virtual time. */
export interface SimulatedWorld {
  readonly seed: number;
  /** Virtual milliseconds since the start. */
  readonly nowMs: number;
  readonly random: SeededChoice;
  /**
   * Runs a process again and again, until the scenario ends: each life has a session of its own, ends by itself or is
   * killed, and is followed by the next. A PaddockError or LockLostError that the work throws ends a life as a crash
   * does; any other error is a violation.
   */
  run(name: string, work: Work): void;
  sleep(durationMs: number): Promise<void>;
  /** Until nothing breaks any more: no replica, no network, no process from then on. */
  calm(): Promise<void>;
  /** Fails where it has not come about within `withinMs`, default two minutes, of virtual time. */
  until(what: string, isSo: () => boolean, withinMs?: number): Promise<void>;
  /** Notes what must not be; the simulation fails by it. */
  violated(what: string): void;
}

const PATIENCE_MS = 120_000;
const ASK_MS = 20;
const LIFE_MIN_MS = 2000;
const LIFE_MAX_MS = 40_000;
/** Between two lives. */
const REBIRTH_MS = 100;

export class ScenarioWorld implements SimulatedWorld {
  readonly users: FaultyUser[] = [];
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #calm: Promise<void>;
  #isCalm = false;

  constructor(world: World, ensemble: SimulatedEnsemble, calm: Promise<void>) {
    this.#world = world;
    this.#ensemble = ensemble;
    this.#calm = calm.then(() => {
      this.#isCalm = true;
    });
  }

  get seed(): number {
    return this.#world.seed;
  }

  get nowMs(): number {
    return this.#world.time.nowMs;
  }

  get random(): SeededChoice {
    return this.#world.random;
  }

  run(name: string, work: Work): void {
    const user = new Lives(name, work, { ...this.#parts, isCalm: () => this.#isCalm });
    this.users.push(user);
    user.start();
  }

  sleep(durationMs: number): Promise<void> {
    const { time } = this.#world;
    return new Promise((resolve) => {
      time.after(durationMs, () => {
        time.settles();
        resolve();
      });
    });
  }

  calm(): Promise<void> {
    return this.#calm;
  }

  async until(what: string, isSo: () => boolean, withinMs = PATIENCE_MS): Promise<void> {
    const untilMs = this.nowMs + withinMs;
    while (!isSo()) {
      if (this.nowMs >= untilMs) {
        throw new EnsembleError(`waited ${withinMs} ms of virtual time in vain until ${what}`);
      }
      await this.sleep(ASK_MS);
    }
  }

  violated(what: string): void {
    this.#world.violated(what);
  }

  get #parts(): Pick<LivesSurroundings, 'world' | 'ensemble'> {
    return { world: this.#world, ensemble: this.#ensemble };
  }
}

interface LivesSurroundings {
  readonly world: World;
  readonly ensemble: SimulatedEnsemble;
  readonly isCalm: () => boolean;
}

/** A process that is started again whenever it has ended. */
class Lives implements FaultyUser {
  readonly #name: string;
  readonly #work: Work;
  readonly #surroundings: LivesSurroundings;
  readonly #random: World['random'];
  #life = 0;
  #application: Application | null = null;

  constructor(name: string, work: Work, surroundings: LivesSurroundings) {
    this.#name = name;
    this.#work = work;
    this.#surroundings = surroundings;
    this.#random = surroundings.world.random.fork(name);
  }

  get client(): Application | null {
    return this.#application;
  }

  start(): void {
    const { world, ensemble, isCalm } = this.#surroundings;
    const life = ++this.#life;
    const name = `${this.#name} life ${life}`;
    const random = this.#random;
    const application = new Application(name, { world, ensemble, random });
    this.#application = application;
    const next = (): void => {
      if (this.#application !== application) return;
      this.#application = null;
      world.time.after(REBIRTH_MS, () => this.start());
    };
    world.time.after(random.between(LIFE_MIN_MS, LIFE_MAX_MS), () => {
      if (isCalm() || this.#application !== application) return;
      application.vanish();
      next();
    });
    const { client } = application;
    const process: SimulatedProcess = {
      ...{ name: this.#name, client, life, random },
      sleep: (durationMs) => application.sleep(durationMs),
      pause: (durationMs) => application.pause(durationMs),
    };
    this.#work(process).then(
      () => {
        void client.close().catch(() => undefined);
        next();
      },
      (error: unknown) => {
        if (!isFailure(error)) world.violated(`${name} threw ${describeError(error)}`);
        else world.trace.tell(name, `ends by ${error.name}: ${error.message}`);
        application.vanish();
        next();
      },
    );
  }
}

/** Errors of the client and of recipes, which have codes. */
function isFailure(error: unknown): error is Error {
  return error instanceof Error && ['PaddockError', 'LockLostError'].includes(error.name);
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
