// What processes have used of the processors, from the accounts of the system: user and system time
// of all their threads, those that have ended too. Linux only.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const USER_FIELD = 11;
const SYSTEM_FIELD = 12;

/** User and system time in ticks, of the text of /proc/PID/stat. */
export function cpuTicksIn(stat: string): number {
  // The name of the program is in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[USER_FIELD]) + Number(fields[SYSTEM_FIELD]);
  if (!Number.isSafeInteger(ticks)) throw new TypeError(`no processor time in "${stat}"`);
  return ticks;
}

let microsecondsPerTick: number | undefined;

function tickMicroseconds(): number {
  microsecondsPerTick ??= 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return microsecondsPerTick;
}

/** Microseconds of processor time that each process has used so far. */
export function cpuMicroseconds(pids: readonly number[]): number[] {
  return pids.map(
    (pid) => cpuTicksIn(readFileSync(`/proc/${pid}/stat`, 'latin1')) * tickMicroseconds(),
  );
}
