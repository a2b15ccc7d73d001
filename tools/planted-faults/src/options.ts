import { parseArgs } from 'node:util';
import { ALL_FAULTS } from './all-faults.ts';
import type { PlantedFault } from './planted-fault.ts';

export const HELP = `npx nx run planted-faults:run -- [options]

Which faults
  --fault ID,ID   these
  --all           all of them
  --unseen        those of which nothing is recorded
  --list          name them, with what is recorded

How they are looked for: in the simulator, seed by seed until one shows the fault; then by the test that is named
  --seeds N       so many, at most (default 150)
  --first N       the first of them (default 1)
  --jobs N        threads of the simulator (default 1)
  --minutes M     begin with no fault later than that, by the wall clock
  --verify        at the recorded seed alone; from the first one on where it no longer shows the fault
  --tests         in place of that: run all tests of the library that has the fault, and name those that fail
  --in PATH,PATH  of those the ones below these paths

  --write         record what was seen, and write docs/PLANTED-FAULTS.md
  --json          one JSON object
  -h, --help      this text

A fault that is not caught is a failure.
`;

export interface ToolOptions {
  readonly help: boolean;
  readonly list: boolean;
  readonly faults: readonly PlantedFault[];
  readonly unseen: boolean;
  readonly first: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly maxMs: number;
  readonly verify: boolean;
  readonly tests: boolean;
  readonly testsIn: readonly string[] | null;
  readonly write: boolean;
  readonly json: boolean;
}

/** What a person has written and this does not understand. */
export class ToolOptionError extends Error {
  override readonly name = 'ToolOptionError';
}

export function readOptions(args: string[]): ToolOptions {
  const { values } = parseArgs({
    args,
    options: {
      fault: { type: 'string', default: '' },
      all: { type: 'boolean', default: false },
      unseen: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '150' },
      first: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      verify: { type: 'boolean', default: false },
      tests: { type: 'boolean', default: false },
      in: { type: 'string' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { all, unseen, fault, minutes, help, list, verify, tests, write, json } = values;
  return {
    ...{ help, list, unseen, verify, tests, write, json },
    faults: all || unseen || list ? ALL_FAULTS : named(fault),
    testsIn: values.in?.split(',') ?? null,
    first: numberOf('--first', values.first),
    seeds: numberOf('--seeds', values.seeds),
    jobs: Math.max(1, numberOf('--jobs', values.jobs)),
    maxMs: minutes === undefined ? Infinity : numberOf('--minutes', minutes) * 60_000,
  };
}

function named(ids: string): PlantedFault[] {
  return ids
    .split(',')
    .filter((id) => id !== '')
    .map((id) => {
      const fault = ALL_FAULTS.find((it) => it.id === id);
      if (fault === undefined) throw new ToolOptionError(`no fault is called "${id}"; see --list`);
      return fault;
    });
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new ToolOptionError(`${option} takes a number, not "${text}"; see --help`);
}
