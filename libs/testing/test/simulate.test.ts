import { PaddockError } from '@paddock/client';
import { lock } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { simulate, SimulationFailed } from '../src/index.ts';
import type { SimulatedWorld } from '../src/index.ts';

/** Workers that take turns at something outside, which checks their tokens or does not. */
async function takeTurns(world: SimulatedWorld, checksTokens: boolean): Promise<void> {
  let newest = 0;
  let turns = 0;
  const write = (name: string, token: number): void => {
    if (token < newest) {
      if (checksTokens) return;
      world.violated(`${name} wrote behind its successor`);
    }
    newest = token;
    turns++;
  };
  for (const name of ['one', 'two', 'three']) {
    world.run(name, async ({ client, random, pause, sleep }) => {
      for (;;) {
        await lock(client, '/lock').run(async (held) => {
          if (random.chance(0.1)) pause(random.between(1000, 20_000));
          await sleep(random.below(50));
          write(name, held.token);
        });
      }
    });
  }
  await world.calm();
  const before = turns;
  await world.until('everybody takes turns again', () => turns > before + 10);
}

describe('a simulation of somebody’s code', () => {
  it.each([1, 2, 3, 4])('seed %d: what is right stays right under faults', async (seed) => {
    const report = await simulate({ seed, faultsMs: 20_000 }, (world) => takeTurns(world, true));
    expect(report.seed).toBe(seed);
    expect(report.virtualMs).toBeGreaterThanOrEqual(20_000);
  });

  it('finds what is wrong by some seed, and again by the same', async () => {
    const run = async (seed: number): Promise<readonly string[]> => {
      try {
        await simulate({ seed, replicas: 1, faultsMs: 20_000 }, (world) => takeTurns(world, false));
        return [];
      } catch (error) {
        if (error instanceof SimulationFailed) return error.violations;
        throw error;
      }
    };
    for (let seed = 1; seed <= 40; seed++) {
      const violations = await run(seed);
      if (violations.length === 0) continue;
      expect(violations[0]).toContain('wrote behind its successor');
      expect(await run(seed)).toEqual(violations);
      return;
    }
    expect.unreachable('no seed has shown it');
  });

  it('runs the same by the same seed', async () => {
    const story = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      const trace = (line: string): void => void lines.push(line);
      await simulate({ seed: 5, faultsMs: 5000, trace }, (world) => takeTurns(world, true));
      return lines;
    };
    const first = await story();
    expect(first.length).toBeGreaterThan(50);
    expect(await story()).toEqual(first);
  });

  it('fails, with its seed, by what the scenario or a process throws, and by what never comes', async () => {
    const quiet = { seed: 6, faults: 0, faultsMs: 1000 };
    const thrown = simulate(quiet, async () => Promise.reject(new TypeError('not so')));
    await expect(thrown).rejects.toThrow('seed 6: not so');
    const stuck = simulate({ ...quiet, limitMs: 5000 }, () => new Promise(() => undefined));
    await expect(stuck).rejects.toThrow('not over within 5000 ms');
    const vain = simulate(quiet, (world) => world.until('pigs fly', () => false, 500));
    await expect(vain).rejects.toThrow('in vain until pigs fly');
    const broken = simulate(quiet, async (world) => {
      world.run('broken', async () => Promise.reject(new TypeError('undefined is not a function')));
      await world.sleep(2000);
    });
    await expect(broken).rejects.toThrow('undefined is not a function');
  });

  it('takes a PaddockError for a crash, and starts the process again', async () => {
    let lives = 0;
    await simulate({ seed: 7, faults: 0, faultsMs: 1000 }, async (world) => {
      world.run('crashing', async ({ life }) => {
        lives = life;
        throw new PaddockError('noNode', '/', 'as it happens');
      });
      await world.until('it has lived often', () => lives > 5);
    });
    expect(lives).toBeGreaterThan(5);
  });
});
