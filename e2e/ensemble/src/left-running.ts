import type { ChildProcess } from 'node:child_process';
import { afterAll } from 'vitest';

const running = new Set<ChildProcess>();

/** A command that supervises others needs a while to stop them. */
const PATIENCE_MS = 20_000;

/** To be stopped with the tests of the file, if the test that has started it has failed before it could. */
export function noteStarted(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

afterAll(async () => {
  await Promise.all([...running].map(stop));
});

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    // One that a test has stopped has to go on to end.
    child.kill('SIGCONT');
    child.kill('SIGTERM');
  });
}
