import { spawn } from 'node:child_process';

export interface ChildResult {
  /** Null: it was ended from outside. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface ChildOptions {
  readonly folder: string;
  /** Whoever has not ended by then is ended. */
  readonly patienceMs: number;
}

/** Runs node on sources, and waits for its end. */
export function runNode(args: readonly string[], options: ChildOptions): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@paddock/source', ...args], {
      cwd: options.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.patienceMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output, errors });
    });
  });
}
