import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { OperatorError } from '@paddock/node-runtime';
import type { StageName } from '@paddock/node-runtime';
import { stageEnvironment } from './environment.ts';
import type { ListeningMessage, RefusedMessage } from '@paddock/replica';

/** What a served process tells its parent. */
const processMessage: z.ZodType<ListeningMessage | RefusedMessage> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('listening'),
    addresses: z.record(z.string(), z.string()),
    admin: z.string(),
  }),
  z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
]);

/**
 * Room for what lives no longer than its request, in MiB: with Node's default of 16 much of it would be copied and
 * kept until a major collection.
 */
const NODE_FLAGS = ['--max-semi-space-size=64'];
const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 10_000;
/** A process that lived so long starts again without waiting. */
const STABLE_MS = 10_000;
/** How long a process may take to stop before it is killed. */
const STOP_MS = 10_000;

export interface ServedProcessOptions {
  readonly name: string;
  /** Undefined runs all four. */
  readonly stage: StageName | undefined;
  /** Arguments behind `serve`, asked for at each start. */
  readonly args: readonly string[];
  /** Called before each start. */
  readonly prepare: () => void;
  readonly restart: boolean;
  /** Its log goes where the supervisor tells what happens, and says what is out of the ordinary only. */
  readonly isForPeople: boolean;
}

export interface ServedProcessEvents {
  listening(message: ListeningMessage): void;
  died(description: string, restartInMs: number | undefined): void;
}

/** How a process ended before it listened; the refusal is its own account, where it gave one. */
interface EarlyEnd {
  readonly description: string;
  readonly refusal: string | undefined;
}

/** One process of the ensemble: started, watched, started again with back-off, stopped. */
export class ServedProcess {
  readonly name: string;
  readonly stage: StageName | undefined;
  restarts = 0;
  admin: string | undefined;
  readonly #options: ServedProcessOptions;
  readonly #events: ServedProcessEvents;
  #child: ChildProcess | undefined;
  #startedAt = 0;
  #backOffMs = FIRST_BACK_OFF_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: ServedProcessOptions, events: ServedProcessEvents) {
    this.name = options.name;
    this.stage = options.stage;
    this.#options = options;
    this.#events = events;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the process listens; rejects when it ends before, which is never retried. */
  start(): Promise<ListeningMessage> {
    return new Promise((resolve, reject) => {
      this.#spawn(resolve, ({ description, refusal }) =>
        reject(
          new OperatorError(
            refusal ?? `${this.name} did not start (${description}): see its message above`,
          ),
        ),
      );
    });
  }

  /** It could not start, and is treated as if it had and then died: the reason is told, and it is started again. */
  keepTrying(reason: string): void {
    if (!this.#stopping) this.#restart(reason);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  #spawn(
    onListening: (message: ListeningMessage) => void,
    onEarlyEnd: (end: EarlyEnd) => void,
  ): void {
    const script = process.argv[1];
    if (script === undefined) {
      throw new OperatorError('cannot find the program to start stages with');
    }
    this.#options.prepare();
    const child = spawn(
      process.execPath,
      [...process.execArgv, ...NODE_FLAGS, script, 'serve', ...this.#options.args],
      {
        stdio: ['ignore', this.#options.isForPeople ? 'inherit' : 2, 'inherit', 'ipc'],
        env: stageEnvironment(this.#options.isForPeople),
        // A group of its own: Ctrl-C reaches the parent alone, which then stops the stages in order.
        detached: true,
      },
    );
    this.#child = child;
    this.#startedAt = performance.now();
    let listening = false;
    let refusal: string | undefined;
    child.on('message', (value) => {
      const message = processMessage.safeParse(value);
      if (!message.success) return;
      if (message.data.kind === 'refused') {
        refusal = message.data.reason;
        return;
      }
      listening = true;
      this.admin = message.data.admin;
      this.#events.listening(message.data);
      onListening(message.data);
    });
    child.once('error', (error) => onEarlyEnd({ description: error.message, refusal }));
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      this.admin = undefined;
      const description = signal ?? `exit code ${code ?? 'unknown'}`;
      if (this.#stopping) return;
      if (!listening && this.restarts === 0) onEarlyEnd({ description, refusal });
      else this.#restart(refusal ?? description);
    });
  }

  #restart(description: string): void {
    if (!this.#options.restart) {
      this.#events.died(description, undefined);
      return;
    }
    if (performance.now() - this.#startedAt > STABLE_MS) this.#backOffMs = FIRST_BACK_OFF_MS;
    const delay = this.#backOffMs;
    this.#backOffMs = Math.min(2 * delay, LONGEST_BACK_OFF_MS);
    this.#events.died(description, delay);
    this.#timer = setTimeout(() => {
      this.restarts += 1;
      this.#spawn(
        () => undefined,
        ({ description: why }) => this.#restart(why),
      );
    }, delay);
  }
}
