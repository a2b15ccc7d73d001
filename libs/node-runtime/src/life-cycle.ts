import { OperatorError } from './operator-error.ts';
import { traceOf } from './thrown.ts';

export interface Startable {
  /** Resolves when the thing listens; it may still wait for neighbours. */
  start(): Promise<void>;
  /** Idempotent. */
  stop(): Promise<void>;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves at the first signal that asks the process to stop; a second one ends it at once. */
export function stopRequested(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = 0;
    let askedAt = 0;
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      // A terminal's Ctrl-C and its parent's forwarding arrive as two signals; that is one wish.
      if (asked > 0 && now - askedAt < 500) return;
      if (asked > 0) process.exit(130);
      asked += 1;
      askedAt = now;
      resolve(signal);
    };
    for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  });
}

/** Runs a program and turns what it throws into an exit code: a line for an operator's error, a stack for a defect. */
export async function runProgram(program: () => Promise<number>): Promise<never> {
  try {
    process.exit(await program());
  } catch (error) {
    if (error instanceof OperatorError) {
      process.stderr.write(`paddock: ${error.message}\n`);
      process.exit(1);
    }
    process.stderr.write(`${traceOf(error)}\n`);
    process.exit(70);
  }
}
