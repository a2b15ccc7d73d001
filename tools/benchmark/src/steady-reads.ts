// Reads of one session at a steady rate by a process of its own: what the others notice of something large.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { distributionOf } from './arithmetic/distribution.ts';
import type { Distribution } from './arithmetic/distribution.ts';
import { Samples } from './arithmetic/samples.ts';
import { sampleFields } from './driver/load.ts';
import type { LoadResult } from './driver/load.ts';
import { Driver } from './processes/driver.ts';
import type { Children } from './processes/children.ts';

/** A named time, in milliseconds since 1970. */
export interface Phase {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PhaseLatency {
  readonly name: string;
  /** Of reads that were under way then, in microseconds. */
  readonly latency: Distribution;
}

const NAME = 'reads';
export const READS_PER_SECOND = 1000;

export class SteadyReads {
  readonly #driver: Driver;
  readonly #samplesFile: string;
  #load: Promise<LoadResult> | null = null;

  constructor(children: Children, directory: string) {
    this.#driver = new Driver(children);
    this.#samplesFile = join(directory, 'steady-reads');
  }

  /** They go on for so long, whatever the answers do. */
  async start(address: string, measuredMs: number): Promise<void> {
    await this.#driver.open(NAME, address);
    this.#load = this.#driver.load(NAME, {
      workload: 'get',
      outstanding: 10_000,
      batch: 1000,
      perSecond: READS_PER_SECOND,
      warmUpMs: 1000,
      warmUpOperations: 0,
      measuredMs,
      pids: [],
      samplesFile: this.#samplesFile,
    });
  }

  /** Ends when the reads end. */
  async latencies(phases: readonly Phase[]): Promise<{ of: PhaseLatency[]; lateMs: number }> {
    const result = await this.#load;
    await this.#driver.close(NAME);
    const bytes = new Uint8Array(readFileSync(this.#samplesFile));
    const samples = new Float64Array(bytes.buffer);
    return {
      of: phases.map((phase) => latencyIn(samples, phase)),
      lateMs: result?.latestArrivalMs ?? 0,
    };
  }
}

/** `samples`: see `sampleFields`. */
export function latencyIn(samples: Float64Array, { name, fromMs, toMs }: Phase): PhaseLatency {
  const within = new Samples();
  for (let i = 0; i < samples.length; i += sampleFields.length) {
    const sentMs = samples[i] ?? 0;
    const tookUs = samples[i + 1] ?? 0;
    if (sentMs <= toMs && sentMs + tookUs / 1000 >= fromMs) within.push(tookUs);
  }
  return { name, latency: distributionOf(within.view()) };
}
