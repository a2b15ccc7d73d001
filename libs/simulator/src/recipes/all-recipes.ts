import { cacheInWorld } from './cache.ts';
import { configInWorld } from './config.ts';
import { lockInWorld } from './lock.ts';
import type { RecipeInWorld } from './simulated-recipe.ts';

/** Those that are simulated, a file each. */
export const RECIPES = {
  cache: cacheInWorld,
  config: configInWorld,
  lock: lockInWorld,
} as const satisfies Readonly<Record<string, RecipeInWorld>>;

export type RecipeName = keyof typeof RECIPES;

export function isRecipe(name: string): name is RecipeName {
  return name in RECIPES;
}

export function recipeNames(): readonly RecipeName[] {
  return Object.keys(RECIPES).filter((it) => isRecipe(it));
}
