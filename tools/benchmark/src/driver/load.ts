import { cpuMicroseconds } from '../arithmetic/cpu-time.ts';
import type { Distribution } from '../arithmetic/distribution.ts';
import { distributionOf } from '../arithmetic/distribution.ts';
import { Samples } from '../arithmetic/samples.ts';
import type { Workload } from './workload.ts';

export interface LoadPlan {
  readonly workload: Workload;
  /** Requests that are not answered, at most. */
  readonly outstanding: number;
  /** Operations in one message, at most. */
  readonly batch: number;
  /** Operations a second, whatever the server does; 0 sends the next when one is answered. */
  readonly perSecond: number;
  readonly warmUpMs: number;
  /** The warm-up goes on until so many are answered, up to ten times as long. */
  readonly warmUpOperations: number;
  readonly measuredMs: number;
  /** Processes of the server. */
  readonly pids: readonly number[];
  /** Where each operation's sample is to be written: see `sampleFields`. */
  readonly samplesFile?: string;
}

/** One sample of a samples file: three doubles. Milliseconds since 1970, microseconds, 1 for a write. */
export const sampleFields = ['sentMs', 'tookUs', 'isWrite'] as const;

export interface LoadResult {
  readonly operations: number;
  readonly failed: number;
  readonly seconds: number;
  /** Of each process, in the order of the plan's pids. */
  readonly serverCpuMicroseconds: readonly number[];
  readonly driverCpuMicroseconds: number;
  readonly operationsPerRequest: number;
  readonly operationsPerAnswer: number;
  /** The longest time without any answer. */
  readonly longestSilenceMs: number;
  /** By how much arrivals in time were noticed too late. */
  readonly latestArrivalMs: number;
  readonly reads: Distribution;
  readonly writes: Distribution;
}

function driverCpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** What is counted between `begin` and `end`. */
export class LoadMeasurement {
  readonly #pids: readonly number[];
  readonly #keepsSamples: boolean;
  readonly #reads = new Samples();
  readonly #writes = new Samples();
  readonly samples = new Samples();
  #isOn = false;
  #failed = 0;
  #requests = 0;
  #requested = 0;
  #answers = 0;
  #startedMs = 0;
  #lastAnswerMs = 0;
  #longestSilenceMs = 0;
  #latestArrivalMs = 0;
  #serverCpu: number[] = [];
  #driverCpu = 0;

  constructor(plan: LoadPlan) {
    this.#pids = plan.pids;
    this.#keepsSamples = plan.samplesFile !== undefined;
  }

  begin(): void {
    this.#isOn = true;
    this.#startedMs = performance.now();
    this.#lastAnswerMs = this.#startedMs;
    this.#driverCpu = driverCpuMicroseconds();
    this.#serverCpu = cpuMicroseconds(this.#pids);
  }

  requested(operations: number): void {
    if (!this.#isOn) return;
    this.#requests++;
    this.#requested += operations;
  }

  arrived(lateMs: number): void {
    if (this.#isOn) this.#latestArrivalMs = Math.max(this.#latestArrivalMs, lateMs);
  }

  answered(nowMs: number, failed: number): void {
    if (!this.#isOn) return;
    this.#answers++;
    this.#failed += failed;
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, nowMs - this.#lastAnswerMs);
    this.#lastAnswerMs = nowMs;
  }

  took(sentMs: number, nowMs: number, isWrite: boolean): void {
    if (!this.#isOn) return;
    const microseconds = (nowMs - sentMs) * 1000;
    (isWrite ? this.#writes : this.#reads).push(microseconds);
    if (!this.#keepsSamples) return;
    this.samples.push(performance.timeOrigin + sentMs);
    this.samples.push(microseconds);
    this.samples.push(isWrite ? 1 : 0);
  }

  end(): LoadResult {
    this.#isOn = false;
    const endedMs = performance.now();
    const serverCpu = cpuMicroseconds(this.#pids);
    const driverCpu = driverCpuMicroseconds();
    const operations = this.#reads.length + this.#writes.length;
    return {
      operations,
      failed: this.#failed,
      seconds: (endedMs - this.#startedMs) / 1000,
      serverCpuMicroseconds: serverCpu.map((it, i) => it - (this.#serverCpu[i] ?? it)),
      driverCpuMicroseconds: driverCpu - this.#driverCpu,
      operationsPerRequest: this.#requested / Math.max(1, this.#requests),
      operationsPerAnswer: operations / Math.max(1, this.#answers),
      longestSilenceMs: this.#longestSilenceMs,
      latestArrivalMs: this.#latestArrivalMs,
      reads: distributionOf(this.#reads.view()),
      writes: distributionOf(this.#writes.view()),
    };
  }
}
