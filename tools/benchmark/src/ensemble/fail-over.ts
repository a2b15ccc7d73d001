// Where the time of a change of leader goes, as the logs of the replicas that are left tell it.
import type { LogLine } from '../processes/foreground.ts';

/** What is said on the way, in its order; the first time that any of the replicas says it. */
export const STEPS = [
  { name: 'the loss is noticed', says: 'the leader is lost' },
  { name: 'a candidate has its votes', says: 'leads' },
  { name: 'a quorum has its history', says: 'the epoch is established' },
  { name: 'a processor has loaded its term', says: 'term served' },
  { name: 'a front-end sees the marker', says: 'a new term was announced' },
] as const;

export interface FailOver {
  /** The longest time without an acknowledged write that had not ended when the leader was killed. */
  readonly gapMs: number;
  /** When each of STEPS was first said, and then the answer that ended the gap: milliseconds since the kill. */
  readonly stepsMs: readonly number[];
}

export interface Gap {
  readonly ms: number;
  readonly endedMs: number;
}

/** The longest pause between two neighbours, of those that end behind `fromMs`. */
export function longestGap(acknowledgedMs: readonly number[], fromMs: number): Gap {
  let longest: Gap = { ms: 0, endedMs: fromMs };
  for (let i = 1; i < acknowledgedMs.length; i++) {
    const ended = acknowledgedMs[i] ?? 0;
    if (ended < fromMs) continue;
    const ms = ended - (acknowledgedMs[i - 1] ?? ended);
    if (ms > longest.ms) longest = { ms, endedMs: ended };
  }
  return longest;
}

/** Milliseconds since `killedAt`, which is wall time as the logs have it; NaN: never said. */
export function stepsAfter(logs: readonly (readonly LogLine[])[], killedAt: number): number[] {
  const later = logs.flat().filter(({ time }) => time >= killedAt);
  return STEPS.map(({ says }) => {
    const times = later.filter(({ msg }) => msg === says).map(({ time }) => time);
    return times.length === 0 ? NaN : Math.min(...times) - killedAt;
  });
}
