import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from './operator-error.ts';
import { systemCodeOf } from './thrown.ts';

const LOCK_FILE = 'lock';
/** Field 22 of /proc/PID/stat, counted behind the closing parenthesis of the name. */
const START_TIME_FIELD = 19;

/** When the process started, in the kernel's ticks: tells a reused pid from the one that took the lock. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
  const now = startTime(pid);
  return now === undefined || started === '' || now === started;
}

function holderOf(file: string): { readonly pid: number; readonly started: string } | undefined {
  try {
    const [pid, started] = readFileSync(file, 'utf8').trim().split(' ');
    return pid === undefined || pid === ''
      ? undefined
      : { pid: Number(pid), started: started ?? '' };
  } catch {
    return undefined;
  }
}

function tryLock(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx');
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
  writeSync(descriptor, `${process.pid} ${startTime(process.pid) ?? ''}\n`);
  closeSync(descriptor);
  return true;
}

/** Who holds the directory now: the pid of a living process, or undefined. */
export function lockHolder(directory: string): number | undefined {
  const holder = holderOf(join(directory, LOCK_FILE));
  return holder !== undefined && isAlive(holder.pid, holder.started) ? holder.pid : undefined;
}

/** Whether this process still holds the directory: not, once somebody has removed it under this process. */
export function holdsLock(directory: string): boolean {
  return holderOf(join(directory, LOCK_FILE))?.pid === process.pid;
}

/** Throws an OperatorError while a living process holds the directory; touches nothing. */
export function assertUnlocked(directory: string): void {
  const holder = lockHolder(directory);
  if (holder !== undefined) {
    throw new OperatorError(
      `the data directory ${directory} is in use by process ${holder}: stop that one, or serve from another --data`,
    );
  }
}

/** Takes the directory for this process; the lock of a process that is gone is taken over. Returns the release. */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, LOCK_FILE);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (tryLock(file)) {
      return () => {
        // Whoever has laid a new directory in this place holds that one.
        if (holdsLock(directory)) rmSync(file, { force: true });
      };
    }
    assertUnlocked(directory);
    rmSync(file, { force: true });
  }
  throw new OperatorError(
    `the data directory ${directory} is being taken by another process: try again`,
  );
}
