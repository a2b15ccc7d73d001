import type { Client } from '@paddock/client';

export interface DownPolicy {
  /** Errors within `ms` that take an instance out. */
  readonly threshold: number;
  /** Milliseconds from the first of them, after which all are forgotten. */
  readonly ms: number;
}

/** Which instances have failed too often of late, to whoever keeps count here. */
export class DownInstances {
  readonly #timers: Client['timers'];
  readonly #policy: DownPolicy;
  readonly #errors = new Map<string, number>();

  constructor(timers: Client['timers'], policy: DownPolicy) {
    this.#timers = timers;
    this.#policy = policy;
  }

  isDown(id: string): boolean {
    return (this.#errors.get(id) ?? 0) >= this.#policy.threshold;
  }

  failed(id: string): void {
    const errors = this.#errors.get(id) ?? 0;
    this.#errors.set(id, errors + 1);
    if (errors === 0) this.#timers.after(this.#policy.ms, () => this.#errors.delete(id));
  }
}
