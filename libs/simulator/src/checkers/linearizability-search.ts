import { isWrite } from '../record/history.ts';
import { mayHaveMade, successorsOf } from './register-model.ts';
import type { RegisterChange, RegisterOperation, RegisterState } from './register-model.ts';

export type Verdict =
  | { readonly kind: 'linearizable' | 'undecided' }
  /** The furthest that any order got: this one found no place. */
  | { readonly kind: 'stuck'; readonly at: RegisterOperation };

/** States that are looked at before the search gives up. */
const BUDGET = 200_000;

/**
 * Looks for an order of the operations that each of them could have taken effect in, between its call and its answer
 * (Wing and Gong, with the memory of Lowe): what changes nothing is placed as soon as it fits, since no order is spoilt
 * by that; where several may change the state, each is tried.
 */
export class LinearizabilitySearch {
  readonly #operations: readonly RegisterOperation[];
  readonly #index = new Map<RegisterOperation, number>();
  readonly #isPlaced: Uint8Array;
  /**
   * Of a znode that nobody deletes: its versions count up. At the turn of a version no other operation can come than
   * the one that is known to have brought it, and none may be left behind that has shown the one before.
   */
  readonly #bringers = new Map<number, number>();
  readonly #showings = new Map<number, number[]>();
  readonly #seen = new Set<string>();
  #unplaced: number;
  #fewest: number;
  #stuckAt: RegisterOperation | null = null;
  #budget = BUDGET;

  constructor(operations: readonly RegisterOperation[]) {
    this.#operations = [...operations].sort((a, b) => a.answered - b.answered);
    this.#operations.forEach((it, i) => this.#index.set(it, i));
    this.#isPlaced = new Uint8Array(operations.length);
    this.#noteVersions();
    this.#unplaced = operations.filter((it) => it.answered < Infinity).length;
    this.#fewest = this.#unplaced + 1;
  }

  /** `hint`: what may have been done, in order. Believed if it explains everything; else all orders are tried. */
  run(hint: readonly RegisterChange[] = []): Verdict {
    if (this.#follows(hint)) return { kind: 'linearizable' };
    if (this.#search(null)) return { kind: 'linearizable' };
    if (this.#budget <= 0 || this.#stuckAt === null) return { kind: 'undecided' };
    return { kind: 'stuck', at: this.#stuckAt };
  }

  #follows(hint: readonly RegisterChange[]): boolean {
    const placed: number[] = [];
    let state: RegisterState = null;
    this.#placeAllThatFit(state, placed);
    for (const change of hint) {
      const maker = this.#makerOf(change, state);
      if (maker === null) break;
      const [i, next] = maker;
      this.#place(i);
      placed.push(i);
      state = next;
      this.#placeAllThatFit(state, placed);
    }
    if (this.#unplaced === 0) return true;
    for (const i of placed) this.#unplace(i);
    return false;
  }

  /** The first that may have made the change of this state. Without an answer, its version must fit all the same. */
  #makerOf(change: RegisterChange, state: RegisterState): [number, RegisterState] | null {
    const limit = this.#firstAnswer();
    for (let i = 0; i < this.#operations.length; i++) {
      const operation = this.#operations[i];
      if (operation === undefined || !this.#mayCome(i, operation, limit)) continue;
      if (!mayHaveMade(operation, change)) continue;
      const successors = successorsOf(state, operation);
      const next = isRestoration(operation) ? successors[0] : otherThan(state, successors);
      if (next !== undefined) return [i, next];
    }
    return null;
  }

  #noteVersions(): void {
    const goesBack = ['delete', 'restore'];
    if (this.#operations.some((it) => goesBack.includes(it.operation.kind))) return;
    this.#operations.forEach(({ operation, result }, i) => {
      if (result === null || !('stat' in result)) return;
      const { version } = result.stat;
      if (operation.kind !== 'restore' && isWrite(operation)) this.#bringers.set(version, i);
      else this.#showings.set(version, [...(this.#showings.get(version) ?? []), i]);
    });
  }

  #search(from: RegisterState): boolean {
    const placed: number[] = [];
    this.#placeAllThatFit(from, placed);
    if (this.#unplaced === 0 || this.#tryChanges(from)) return true;
    for (const i of placed) this.#unplace(i);
    return false;
  }

  /** Those whose outcome is known, and which leave the state as it is. */
  #placeAllThatFit(state: RegisterState, placed: number[]): void {
    for (let found = true; found;) {
      found = false;
      const limit = this.#firstAnswer();
      for (let i = 0; i < this.#operations.length; i++) {
        const operation = this.#operations[i];
        if (operation === undefined || operation.result === null) continue;
        if (!this.#mayCome(i, operation, limit)) continue;
        const [next] = successorsOf(state, operation);
        if (next !== state) continue;
        this.#place(i);
        placed.push(i);
        found = true;
      }
    }
  }

  #tryChanges(state: RegisterState): boolean {
    const key = `${state?.version ?? ''}/${state?.data ?? ''}/${this.#isPlaced.join('')}`;
    if (this.#seen.has(key) || this.#budget-- <= 0) return false;
    this.#seen.add(key);
    const limit = this.#firstAnswer();
    this.#noteProgress();
    const { version } = state ?? { version: -1 };
    if (this.#showings.get(version)?.some((i) => this.#isPlaced[i] !== 1) === true) return false;
    const only = this.#bringers.get(version + 1);
    const from = only ?? 0;
    const to = only ?? this.#operations.length - 1;
    for (let i = from; i <= to; i++) {
      const operation = this.#operations[i];
      if (operation === undefined || !this.#mayCome(i, operation, limit)) continue;
      for (const next of successorsOf(state, operation)) {
        // A restoration may be needed later, though it changes nothing here.
        if (next === state && !isRestoration(operation)) continue;
        this.#place(i);
        if (this.#search(next)) return true;
        this.#unplace(i);
      }
    }
    return false;
  }

  /** Nothing that is still without a place was answered before it was called, and its session's earlier one has one. */
  #mayCome(i: number, { call, predecessor }: RegisterOperation, limit: number): boolean {
    if (this.#isPlaced[i] === 1 || call > limit) return false;
    if (predecessor === null) return true;
    const before = this.#index.get(predecessor);
    return before === undefined || this.#isPlaced[before] === 1;
  }

  #firstAnswer(): number {
    const first = this.#operations.findIndex((_, i) => this.#isPlaced[i] !== 1);
    return this.#operations[first]?.answered ?? Infinity;
  }

  #place(i: number): void {
    this.#isPlaced[i] = 1;
    if (this.#isKnown(i)) this.#unplaced--;
  }

  #unplace(i: number): void {
    this.#isPlaced[i] = 0;
    if (this.#isKnown(i)) this.#unplaced++;
  }

  #isKnown(i: number): boolean {
    return (this.#operations[i]?.answered ?? Infinity) < Infinity;
  }

  #noteProgress(): void {
    if (this.#unplaced >= this.#fewest) return;
    this.#fewest = this.#unplaced;
    this.#stuckAt = this.#operations.find((_, i) => this.#isPlaced[i] !== 1) ?? null;
  }
}

function isRestoration({ operation }: RegisterOperation): boolean {
  return operation.kind === 'restore';
}

function otherThan(
  state: RegisterState,
  successors: readonly RegisterState[],
): RegisterState | undefined {
  return successors.find((it) => it !== state);
}
