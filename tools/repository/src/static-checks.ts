// Lint, format and types of the whole repository. `nx lint` and `nx typecheck` do the same for one project; a process
// for each project, as `nx run-many` starts them, would read the types of the others again and again.
import { runCommand } from './command.ts';
import { add, none, type Tally } from './tally.ts';

type Check = readonly [command: string, ...args: readonly string[]];

/** One after the other in a lane, the lanes side by side: the first takes as long as the second. */
const lanes: readonly (readonly Check[])[] = [
  [
    // Writes the graph of projects, without which the rule of boundaries would let everything pass.
    ['nx', 'show', 'projects', '--json'],
    ['eslint', '--max-warnings=0', '.'],
  ],
  [
    ['tsc', '-b'],
    ['prettier', '--check', '--log-level=warn', '**/*.{ts,mjs,json}'],
    ['buf', 'lint', 'protos'],
  ],
];

export async function runStaticChecks(): Promise<Tally> {
  const tallies = await Promise.all(lanes.map(runLane));
  return tallies.reduce(add, none);
}

async function runLane(checks: readonly Check[]): Promise<Tally> {
  let tally = none;
  for (const [command, ...args] of checks) {
    const exitCode = await runCommand(command, args);
    console.log(`${exitCode === 0 ? '✓' : '✗'} ${command}`);
    tally = add(tally, exitCode === 0 ? { ...none, passed: 1 } : { ...none, failed: 1 });
  }
  return tally;
}
