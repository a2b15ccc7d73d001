import { DEFAULT_LIMITS } from '@paddock/model';
import {
  Faults,
  RESTORE_BACKUP,
  RunsInCircles,
  SimulatedEnsemble,
  World,
} from '@paddock/simulator';
import type { Settings, TraceLine } from '@paddock/simulator';
import { ScenarioWorld } from './simulated-world.ts';
import type { SimulatedWorld } from './simulated-world.ts';

export interface SimulateOptions {
  /** Decides everything: the ensemble, its timing, all faults, who dies when. The same seed runs the same. */
  readonly seed: number;
  /** How many replicas vote; default what the seed draws, mostly 3. */
  readonly replicas?: number;
  /** How many faults happen; default what the seed draws, up to 24; 0: none. */
  readonly faults?: number;
  /** How long they happen, in milliseconds of virtual time; default about a minute. */
  readonly faultsMs?: number;
  /** The scenario must be over within so long, in virtual milliseconds; default ten minutes. */
  readonly limitMs?: number;
  /** Is told what happens, line by line. */
  readonly trace?: (line: string) => void;
}

export interface SimulationReport {
  readonly seed: number;
  readonly virtualMs: number;
  /** How often which fault came, and in which states clients were. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Something was as it must not be; the same seed shows it again. */
export class SimulationFailed extends Error {
  override readonly name = 'SimulationFailed';
  readonly seed: number;
  readonly violations: readonly string[];

  constructor(seed: number, violations: readonly string[], options?: ErrorOptions) {
    super(`seed ${seed}: ${violations.join('; ')}`, options);
    this.seed = seed;
    this.violations = violations;
  }
}

const LIMIT_MS = 600_000;

/**
 * Runs code that uses the client in an ensemble under faults, in virtual time: a minute takes about a second. The code
 * must take its time from the world's and processes' `sleep`, and its choices from `random`, or a seed does not run
 * twice the same. Fails as SimulationFailed where the scenario throws, violates something, or does not end.
 */
export async function simulate(
  options: SimulateOptions,
  scenario: (world: SimulatedWorld) => Promise<void>,
): Promise<SimulationReport> {
  const { seed, limitMs = LIMIT_MS, trace } = options;
  const read = trace === undefined ? null : told(trace);
  const world = new World(seed, { read, settings: chosen(options), adapt: withRoom });
  const ensemble = new SimulatedEnsemble(world, {
    crashed: (replica) => faults.powerCut(replica),
    removed: (replica) => faults.removed(replica),
    databaseDies: () => undefined,
    frontendDied: () => undefined,
  });
  const { time, settings, counts, violations } = world;
  const calm = new Promise<void>((resolve) => {
    time.after(settings.workMs, () => {
      time.settles();
      faults.end();
      resolve();
    });
  });
  const simulated = new ScenarioWorld(world, ensemble, calm);
  const faults = new Faults(world, ensemble, simulated.users);
  for (const replica of ensemble.replicas) faults.startAll(replica, 1000);
  const restorations = faults.planned.filter(({ kind }) => kind === RESTORE_BACKUP);
  faults.plan(restorations.map(({ number }) => number));
  const outcome = await outcomeOf(scenario(simulated), world, limitMs);
  if (outcome !== null || violations.length > 0) {
    const all = outcome === null ? violations : [...violations, outcome.what];
    throw new SimulationFailed(seed, all, { cause: outcome?.cause });
  }
  return { seed, virtualMs: time.nowMs, counts: Object.fromEntries(counts) };
}

/** Null where the scenario has ended well. */
async function outcomeOf(
  running: Promise<void>,
  { time }: World,
  limitMs: number,
): Promise<{ readonly what: string; readonly cause?: unknown } | null> {
  let ended: { readonly what: string; readonly cause?: unknown } | null = {
    what: `the scenario was not over within ${limitMs} ms of virtual time`,
  };
  let isOver = false;
  running.then(
    () => {
      isOver = true;
      ended = null;
    },
    (cause: unknown) => {
      isOver = true;
      ended = { what: cause instanceof Error ? cause.message : String(cause), cause };
    },
  );
  try {
    await time.runAsync(limitMs, () => isOver);
  } catch (error) {
    if (!(error instanceof RunsInCircles)) throw error;
    return { what: error.message };
  }
  return ended;
}

function chosen({ replicas, faults, faultsMs }: SimulateOptions): Partial<Settings> {
  return {
    ...(replicas === undefined ? {} : { voters: replicas, observers: 0 }),
    ...(faults === undefined ? {} : { faults }),
    ...(faultsMs === undefined ? {} : { workMs: faultsMs }),
  };
}

/** Bounds of the service's inside stay tiny; what applications have a right to is as it is shipped. */
function withRoom(drawn: Settings): Settings {
  const { ephemeralBytesPerSession, watchesPerSession, childrenPerZnode } = DEFAULT_LIMITS;
  const room = { ephemeralBytesPerSession, watchesPerSession, childrenPerZnode };
  return { ...drawn, limits: { ...drawn.limits, ...room, requestsPerSecond: 0 } };
}

function told(trace: (line: string) => void): (line: TraceLine) => void {
  return ({ atMs, who, what, isDetail }) => {
    if (!isDetail) trace(`${atMs.toFixed(1)} ms ${who}: ${what}`);
  };
}
