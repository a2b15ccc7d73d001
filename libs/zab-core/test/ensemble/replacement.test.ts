import { describe, expect, it } from 'vitest';
import { SimulatedEnsemble } from './simulated-ensemble.ts';

const RUNS = 40;
/** A network within a room, and a quick disk. */
const SETTINGS = { delayMs: 0.5, diskMs: 2 };
const STEP_MS = 1;

/** From the death of a leader, whose connections break with it, to the establishment of the next one's epoch. */
function replacementMs(seed: number, voters: number): number {
  const ensemble = new SimulatedEnsemble(seed, { voters, ...SETTINGS });
  const { time } = ensemble;
  const runUntilLed = (): void => {
    while (ensemble.leader === undefined && time.nowMs < 60_000) time.run(time.nowMs + STEP_MS);
  };
  ensemble.startAll();
  runUntilLed();
  time.run(time.nowMs + 2000);
  const killedMs = time.nowMs;
  ensemble.kill(ensemble.leader?.replica ?? 0);
  runUntilLed();
  return time.nowMs - killedMs;
}

describe('P8: a leader whose connections break', () => {
  it.each([
    { voters: 3, medianMs: 20, mostMs: 80 },
    { voters: 5, medianMs: 20, mostMs: 50 },
  ])(
    'of $voters voters is replaced at once: its heirs seldom take votes from each other',
    ({ voters, medianMs, mostMs }) => {
      const times = Array.from({ length: RUNS }, (_, seed) => replacementMs(seed, voters));
      times.sort((a, b) => a - b);
      expect(times[RUNS / 2]).toBeLessThan(medianMs);
      expect(times.at(-1)).toBeLessThan(mostMs);
    },
  );
});
