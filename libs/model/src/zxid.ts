import { assert } from './assert.ts';

declare const zxidBrand: unique symbol;
declare const epochBrand: unique symbol;
declare const termBrand: unique symbol;

/**
 * Identifies a transaction and its place in the total order (paper 4.2; Zab's "zxid").
 * In memory one number, epoch × 2³² + counter: ordered by `<`, without allocation, and fit for a Float64Array.
 * On the wire and on disk two 32-bit fields.
 */
export type Zxid = number & { readonly [zxidBrand]: true };

/** The number of a leader's reign; 0 is "before any leader". */
export type Epoch = number & { readonly [epochBrand]: true };

/**
 * The tenure of one request processor: epoch × 2³² + incarnation of the processor within the epoch, ordered by `<`.
 * The broadcaster grants one term at a time (rule H1).
 */
export type Term = number & { readonly [termBrand]: true };

const WORD = 2 ** 32;

/** A double holds 53 bits: 32 for the counter leave 21 for the epoch (two million elections). */
export const EPOCH_MAX = 2 ** 21 - 1;
/** A claim to an epoch further above all that is known is believed only from a quorum (H24). */
export const EPOCH_LEAP = 2 ** 10;
export const COUNTER_MAX = WORD - 1;

/** Before the first transaction. */
export const ZXID_ZERO = 0 as Zxid;
export const EPOCH_ZERO = 0 as Epoch;
export const TERM_ZERO = 0 as Term;

function isWord(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < WORD;
}

export function isEpoch(value: number): value is Epoch {
  return Number.isInteger(value) && value >= 0 && value <= EPOCH_MAX;
}

export function makeEpoch(value: number): Epoch {
  assert(isEpoch(value), `an epoch is an integer from 0 to ${EPOCH_MAX}, not ${value}`);
  return value;
}

export function makeZxid(epoch: number, counter: number): Zxid {
  assert(isEpoch(epoch) && isWord(counter), `no zxid has epoch ${epoch} and counter ${counter}`);
  return (epoch * WORD + counter) as Zxid;
}

/** The zxid that was a Zxid before it was kept as a number, for instance in a Float64Array. */
export function trustedZxid(value: number): Zxid {
  return value as Zxid;
}

export function epochOf(zxid: Zxid): Epoch {
  return Math.floor(zxid / WORD) as Epoch;
}

export function counterOf(zxid: Zxid): number {
  // The remainder of a division by 2³², at half the cost of `%`.
  return zxid >>> 0;
}

/** The zxid that follows within the same epoch. */
export function nextZxid(zxid: Zxid): Zxid {
  assert(counterOf(zxid) < COUNTER_MAX, `the counter of epoch ${epochOf(zxid)} has run out`);
  return (zxid + 1) as Zxid;
}

/** The zxid of an epoch's first entry, its term marker. */
export function firstZxid(epoch: Epoch): Zxid {
  return makeZxid(epoch, 1);
}

/** True if `next` may stand right behind `previous` in a log: the next counter, or the first of a higher epoch. */
export function follows(previous: Zxid, next: Zxid): boolean {
  return next === previous + 1 || (counterOf(next) === 1 && epochOf(next) > epochOf(previous));
}

export function maxZxid(a: Zxid, b: Zxid): Zxid {
  return a > b ? a : b;
}

/** "epoch.counter", both decimal: the one way in which a zxid is shown to people. */
export function formatZxid(zxid: Zxid): string {
  return `${epochOf(zxid)}.${counterOf(zxid)}`;
}

/** Reads what formatZxid writes; undefined where it is not a zxid. */
export function parseZxid(text: string): Zxid | undefined {
  const match = /^(\d{1,7})\.(\d{1,10})$/.exec(text);
  if (match === null) return undefined;
  const epoch = Number(match[1]);
  const counter = Number(match[2]);
  return isEpoch(epoch) && isWord(counter) ? makeZxid(epoch, counter) : undefined;
}

export function makeTerm(epoch: number, incarnation: number): Term {
  assert(
    isEpoch(epoch) && isWord(incarnation),
    `no term has epoch ${epoch} and incarnation ${incarnation}`,
  );
  return (epoch * WORD + incarnation) as Term;
}

export function termEpoch(term: Term): Epoch {
  return Math.floor(term / WORD) as Epoch;
}

export function termIncarnation(term: Term): number {
  return term >>> 0;
}

export function formatTerm(term: Term): string {
  return `${termEpoch(term)}/${termIncarnation(term)}`;
}
