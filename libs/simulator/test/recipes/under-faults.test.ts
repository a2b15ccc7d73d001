import { describe, expect, it } from 'vitest';
import { recipeNames } from '../../src/recipes/all-recipes.ts';
import { NOTHING_OMITTED } from '../../src/simulation.ts';
import { storyOf } from '../../src/tool/many-seeds.ts';
import { reportOf } from '../../src/tool/seed-report.ts';
import { runOf } from '../../src/tool/smallest-run.ts';
import { seedsOfThisCommit } from '../seeds.ts';

const { fresh } = seedsOfThisCommit();
const SEEDS: readonly number[] = [1, 2, ...fresh.slice(0, fresh.length / 12)];

describe.each(recipeNames())('%s under faults', (recipe) => {
  it.each(SEEDS)('seed %d: safe all the while, and nobody waits for ever', async (seed) => {
    const result = await runOf(seed, recipe)(NOTHING_OMITTED);
    if (result.violations.length === 0) return;
    expect.fail(storyOf(reportOf(result, recipe, NOTHING_OMITTED, null)));
  });
});
