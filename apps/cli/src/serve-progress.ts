import { setTimeout as pause } from 'node:timers/promises';
import type { EnsembleAdmin } from './serve-admin.ts';
import type { ServedReplica } from './serve-replica.ts';
import type { Leader, Voice } from './serve-voice.ts';

const READY_POLL_MS = 50;
/** Recovery of a large tree takes its time; beyond this the person is told what is waited for, and waiting goes on. */
const PATIENCE_MS = 3000;
const LEADER_POLL_MS = 1000;

/** Watches an ensemble start, and who leads it from then on, until it is asked to stop. */
export class ServeProgress {
  readonly #replicas: readonly ServedReplica[];
  readonly #admin: EnsembleAdmin;
  readonly #voice: Voice;
  readonly #stopped: AbortSignal;

  constructor(
    replicas: readonly ServedReplica[],
    admin: EnsembleAdmin,
    voice: Voice,
    stopped: AbortSignal,
  ) {
    this.#replicas = replicas;
    this.#admin = admin;
    this.#voice = voice;
    this.#stopped = stopped;
  }

  /** Resolves when every replica that could start serves, so that there is a leader, or when it is to stop. */
  async untilServing(started: Promise<unknown>): Promise<void> {
    // Not before one of them could start: what cannot at all is told in one line.
    let toldAt = Infinity;
    void started.then(
      () => (toldAt = performance.now()),
      () => undefined,
    );
    while (!this.#stopped.aborted) {
      const reports = await Promise.all(
        this.#replicas
          .filter(({ isLate }) => !isLate)
          .map(async (it) => ({ it, report: await this.#admin.health(it) })),
      );
      const missing = reports.filter(({ report }) => !report.serving);
      if (missing.length === 0) return;
      if (performance.now() - toldAt > PATIENCE_MS) {
        toldAt = performance.now();
        for (const { it, report } of missing) this.#voice.waiting(it.replica, report.waitingFor);
      }
      await pause(READY_POLL_MS);
    }
  }

  async leader(): Promise<Leader> {
    const { leader, epoch } = await this.#admin.leadership();
    return { replica: leader, epoch };
  }

  /** Tells of each change until it is asked to stop. */
  async followLeader(first: Leader): Promise<void> {
    let told = first;
    let before = first;
    for await (const now of this.#leaders()) {
      // An election in between is no news: what was long without a leader is.
      const isNews =
        now.replica === null
          ? before.replica === null && told.replica !== null
          : now.replica !== told.replica || now.epoch !== told.epoch;
      before = now;
      if (!isNews) continue;
      told = now;
      this.#voice.leads(now);
    }
  }

  async *#leaders(): AsyncGenerator<Leader> {
    const signal = this.#stopped;
    const isStopping = (): boolean => signal.aborted;
    for (;;) {
      await pause(LEADER_POLL_MS, undefined, { signal }).catch(() => undefined);
      if (isStopping()) return;
      const now = await this.leader();
      if (!isStopping()) yield now;
    }
  }
}
