import type { Outcome, TransactionResult, WriteResult } from '@paddock/model';

/** An outcome with its share of the table's digest and of the window's bound. */
export interface WindowEntry {
  readonly outcome: Outcome;
  readonly bytes: number;
  readonly hashHigh: number;
  readonly hashLow: number;
}

const FIXED_BYTES = 64;
const STAT_BYTES = 64;
const STEP_BYTES = 16;

/** What an outcome counts against windowBytes. Replicas trim by it, so it never changes (H21). */
export function outcomeBytes(outcome: Outcome): number {
  return FIXED_BYTES + resultBytes(outcome.result);
}

function resultBytes(result: WriteResult | TransactionResult): number {
  switch (result.kind) {
    case 'created':
      return STAT_BYTES + 3 * result.path.length;
    case 'dataSet':
    case 'aclSet':
    case 'stat':
      return STAT_BYTES;
    case 'data':
      return STAT_BYTES + result.data.length;
    case 'children':
      return result.children.reduce((sum, name) => sum + 3 * name.length + 8, STAT_BYTES);
    case 'failed':
      return 3 * (result.reason.length + (result.step?.path.length ?? 0));
    case 'transacted':
      return result.results.reduce((sum, it) => sum + STEP_BYTES + resultBytes(it), 0);
    case 'deleted':
    case 'closed':
    case 'quotaSet':
    case 'checked':
      return 0;
  }
}

/** Entries in front of the head before they are cut away. */
const SLACK = 32;

/** The outcomes of a session that its client has not acknowledged, in ascending order of sequence. */
export class OutcomeWindow {
  readonly #entries: (WindowEntry | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  get count(): number {
    return this.#entries.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): WindowEntry | undefined {
    return this.#entries[this.#head];
  }

  push(entry: WindowEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  dropOldest(): void {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#entries[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#entries.length) {
      this.#entries.length = 0;
      this.#head = 0;
    } else if (this.#head >= SLACK && this.#head * 2 >= this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** The outcomes from sequence `first` on. */
  from(first: number): Outcome[] {
    const outcomes: Outcome[] = [];
    for (let i = this.#head; i < this.#entries.length; i++) {
      const entry = this.#entries[i];
      if (entry !== undefined && entry.outcome.sequence >= first) outcomes.push(entry.outcome);
    }
    return outcomes;
  }
}
