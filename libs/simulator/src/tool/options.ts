import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isRecipe, recipeNames } from '../recipes/all-recipes.ts';
import type { RecipeName } from '../recipes/all-recipes.ts';
import type { Omissions } from '../simulation.ts';

export const HELP = `npx nx run simulator:run -- [options]

Many seeds
  --seeds N             so many, from --first on (default 100)
  --first N             the first of them (default 1)
  --minutes M           begin none later than that, by the wall clock
  --jobs N              threads (default: one a core)
  --until-failure       begin none after one has failed
  --smallest N          look for the smallest run of so many failures (default 3)

One seed
  --seed N              this one, with what is left out of it:
  --without-faults A,B  faults, by number
  --without-users A,B   users, by number
  --work-ms N           everything that was to come later
  --trace               tell what happens
  --details             and every message and every step of a disk
  --shrink              look for the smallest run that fails as this one does

  --recipes A,B         users of these recipes in place of those of the whole service, a run each; all: of every one

  --json                one JSON object
  -h, --help            this text
`;

export interface ToolOptions {
  readonly help: boolean;
  readonly json: boolean;
  /** Null is the whole service. */
  readonly recipes: readonly [RecipeName | null, ...(RecipeName | null)[]];
  readonly seed: number | null;
  readonly omit: Omissions;
  readonly trace: boolean;
  readonly details: boolean;
  readonly shrink: boolean;
  readonly first: number;
  readonly seeds: number;
  readonly maxMs: number;
  readonly jobs: number;
  readonly untilFailure: boolean;
  readonly smallest: number;
}

/** What a person has written and this does not understand. */
export class ToolOptionError extends Error {
  override readonly name = 'ToolOptionError';
}

export function readOptions(args: string[]): ToolOptions {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '100' },
      first: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      'until-failure': { type: 'boolean', default: false },
      smallest: { type: 'string', default: '3' },
      seed: { type: 'string' },
      recipes: { type: 'string' },
      'without-faults': { type: 'string', default: '' },
      'without-users': { type: 'string', default: '' },
      'work-ms': { type: 'string' },
      trace: { type: 'boolean', default: false },
      details: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { seed, minutes } = values;
  const workMs = values['work-ms'];
  return {
    help: values.help,
    json: values.json,
    recipes: recipesOf(values.recipes),
    seed: seed === undefined ? null : numberOf('--seed', seed),
    omit: {
      faults: numbersOf('--without-faults', values['without-faults']),
      users: numbersOf('--without-users', values['without-users']),
      workMs: workMs === undefined ? null : numberOf('--work-ms', workMs),
    },
    trace: values.trace || values.details,
    details: values.details,
    shrink: values.shrink,
    first: numberOf('--first', values.first),
    seeds: numberOf('--seeds', values.seeds),
    maxMs: minutes === undefined ? Infinity : numberOf('--minutes', minutes) * 60_000,
    jobs: Math.max(1, numberOf('--jobs', values.jobs)),
    untilFailure: values['until-failure'],
    smallest: numberOf('--smallest', values.smallest),
  };
}

function recipesOf(text: string | undefined): ToolOptions['recipes'] {
  if (text === undefined) return [null];
  const names = text === 'all' ? recipeNames() : text.split(',');
  const [first, ...others] = names.map((name) => {
    if (isRecipe(name)) return name;
    const known = recipeNames().join(', ');
    throw new ToolOptionError(`no recipe is called "${name}"; there are ${known}, and all of them`);
  });
  return [first ?? null, ...others];
}

function numbersOf(option: string, text: string): number[] {
  return text === '' ? [] : text.split(',').map((it) => numberOf(option, it));
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new ToolOptionError(`${option} takes a number, not "${text}"; see --help`);
}
