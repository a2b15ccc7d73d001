import { writeFileSync } from 'node:fs';
import type { BenchmarkError } from '../benchmark-error.ts';
import { LoadMeasurement } from './load.ts';
import type { LoadPlan, LoadResult } from './load.ts';
import type { ConnectionUser, SessionConnection } from './session-connection.ts';
import type { OperationSource } from './workload.ts';

/** How often an arrival in time is looked for; a late look finds all that was due. */
const ARRIVALS_MS = 1;
const WARM_UPS = 10;

/** Keeps a connection busy after a plan: closed-loop, or with arrivals in time. */
export class LoadRun implements ConnectionUser {
  readonly #connection: SessionConnection;
  readonly #source: OperationSource;
  readonly #plan: LoadPlan;
  readonly #measurement: LoadMeasurement;
  readonly #frame: Uint8Array[] = [];
  readonly #left = (): void => {
    this.#isWriting = false;
    this.#send();
  };
  readonly #resolve: (result: LoadResult) => void;
  readonly #reject: (error: BenchmarkError) => void;
  #result: LoadResult | null = null;
  #isWriting = false;
  #isScheduled = false;
  #isStopping = false;
  #startedMs = 0;
  #issued = 0;
  #answered = 0;
  #arrivals: NodeJS.Timeout | undefined;

  private constructor(
    connection: SessionConnection,
    source: OperationSource,
    plan: LoadPlan,
    settle: {
      readonly resolve: (result: LoadResult) => void;
      readonly reject: (error: BenchmarkError) => void;
    },
  ) {
    this.#connection = connection;
    this.#source = source;
    this.#plan = plan;
    this.#measurement = new LoadMeasurement(plan);
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
  }

  static over(
    connection: SessionConnection,
    source: OperationSource,
    plan: LoadPlan,
  ): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      const run = new LoadRun(connection, source, plan, { resolve, reject });
      connection.handTo(run);
      run.#start();
    });
  }

  answered(nowMs: number, failed: number): void {
    this.#measurement.answered(nowMs, failed);
  }

  took(sentMs: number, nowMs: number, isWrite: boolean): void {
    this.#answered++;
    this.#measurement.took(sentMs, nowMs, isWrite);
  }

  /** What one turn of the event loop has answered is followed by one message. */
  idle(): void {
    if (this.#isStopping) {
      this.#finish();
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  failed(error: BenchmarkError): void {
    clearInterval(this.#arrivals);
    this.#reject(error);
  }

  #start(): void {
    const { warmUpMs, perSecond } = this.#plan;
    this.#startedMs = performance.now();
    setTimeout(() => this.#warm(WARM_UPS), warmUpMs);
    if (perSecond > 0) this.#watchArrivals();
    this.#send();
  }

  #watchArrivals(): void {
    let lastMs = performance.now();
    this.#arrivals = setInterval(() => {
      const nowMs = performance.now();
      this.#measurement.arrived(nowMs - lastMs - ARRIVALS_MS);
      lastMs = nowMs;
      this.#send();
    }, ARRIVALS_MS);
  }

  #warm(tries: number): void {
    const { warmUpMs, warmUpOperations, measuredMs } = this.#plan;
    if (tries > 1 && this.#answered < warmUpOperations) {
      setTimeout(() => this.#warm(tries - 1), warmUpMs);
      return;
    }
    this.#measurement.begin();
    setTimeout(() => this.#stop(), measuredMs);
  }

  #stop(): void {
    clearInterval(this.#arrivals);
    this.#isStopping = true;
    this.#result = this.#measurement.end();
    this.#finish();
  }

  #finish(): void {
    const result = this.#result;
    if (result === null || this.#connection.outstanding > 0) return;
    this.#result = null;
    const { samplesFile } = this.#plan;
    if (samplesFile !== undefined) writeFileSync(samplesFile, this.#measurement.samples.view());
    this.#resolve(result);
  }

  /** How many operations may be sent now. */
  #due(nowMs: number): number {
    const { outstanding, perSecond, batch } = this.#plan;
    const room = Math.min(batch, outstanding - this.#connection.outstanding);
    if (perSecond === 0) return room;
    const arrived = Math.floor(((nowMs - this.#startedMs) * perSecond) / 1000);
    return Math.min(room, arrived - this.#issued);
  }

  #send(): void {
    if (this.#isWriting || this.#isStopping) return;
    const nowMs = performance.now();
    const due = this.#due(nowMs);
    if (due <= 0) return;
    const { perSecond } = this.#plan;
    const operations = this.#frame;
    operations.length = 0;
    let writes = 0;
    for (let i = 0; i < due; i++) {
      operations.push(this.#source.next());
      const { isWrite } = this.#source;
      if (isWrite) writes++;
      // An arrival that had to wait for the server to answer others has waited since it was due.
      const sentMs =
        perSecond === 0 ? nowMs : this.#startedMs + (++this.#issued * 1000) / perSecond;
      this.#connection.note(sentMs, isWrite);
    }
    this.#isWriting = true;
    this.#measurement.requested(due);
    this.#connection.send(operations, writes, this.#left);
  }
}
