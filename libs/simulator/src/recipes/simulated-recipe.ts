import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';
import type { Application } from './application.ts';

/** One process of a user, from its start to the end of its session. */
export interface Life {
  readonly application: Application;
  /** The user's own. */
  readonly random: SeededRandom;
  /** Nothing breaks any more: what was begun is brought to its end. */
  readonly isCalm: boolean;
}

/** Uses the recipe once; true where it has come to its end, and not only to a refusal. */
export type Turn = () => Promise<boolean>;

/** What users do with a recipe, and what of it is a violation. */
export interface SimulatedRecipe {
  /** Codes of errors that a turn may end by, beside those that a session may end by at any time. */
  readonly expects: readonly string[];
  /** Begins a life; its turns follow each other until its session is over. */
  begin(life: Life): Turn;
  /** What has yet to happen once nothing breaks any more, beside turns of everybody; empty: nothing. */
  missing?(): string;
  /** Judges the run as a whole. */
  judge?(): void;
}

/** A run has one of it, with the record of what was seen. */
export type RecipeInWorld = (world: World, violated: (what: string) => void) => SimulatedRecipe;
