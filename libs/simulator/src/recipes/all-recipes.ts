import { cacheInWorld } from './cache.ts';
import { configInWorld } from './config.ts';
import { barrierInWorld } from './barrier.ts';
import { counterInWorld } from './counter.ts';
import { discoveryInWorld } from './discovery.ts';
import { doubleBarrierInWorld } from './double-barrier.ts';
import { groupInWorld } from './group.ts';
import { lockInWorld } from './lock.ts';
import { multiLockInWorld } from './multi-lock.ts';
import { queueInWorld } from './queue.ts';
import { readWriteLockInWorld } from './read-write-lock.ts';
import { semaphoreInWorld } from './semaphore.ts';
import { partitionInWorld } from './partition.ts';
import type { RecipeInWorld } from './simulated-recipe.ts';

/** Those that are simulated, a file each. */
export const RECIPES = {
  cache: cacheInWorld,
  config: configInWorld,
  barrier: barrierInWorld,
  counter: counterInWorld,
  discovery: discoveryInWorld,
  doubleBarrier: doubleBarrierInWorld,
  group: groupInWorld,
  lock: lockInWorld,
  multiLock: multiLockInWorld,
  queue: queueInWorld,
  readWriteLock: readWriteLockInWorld,
  semaphore: semaphoreInWorld,
  partition: partitionInWorld,
} as const satisfies Readonly<Record<string, RecipeInWorld>>;

export type RecipeName = keyof typeof RECIPES;

export function isRecipe(name: string): name is RecipeName {
  return name in RECIPES;
}

export function recipeNames(): readonly RecipeName[] {
  return Object.keys(RECIPES).filter((it) => isRecipe(it));
}
