import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ConfigurationFile, Endpoint, StageName } from '@paddock/node-runtime';
import * as z from 'zod';
import { spawnPaddock } from './ensemble.ts';

const listeningSchema = z.looseObject({ msg: z.literal('listening'), admin: z.string() });

/** As the `listening` line of the log has it, which is all that tells of ports of the system's choice. */
interface Listening {
  readonly admin: string;
  readonly addresses: Readonly<Record<string, string>>;
}

const healthSchema = z.object({ serving: z.boolean(), waitingFor: z.array(z.string()) });

const frontendSchema = z.object({
  stages: z.object({ 'session-frontend': z.object({ connections: z.number() }) }),
});

export type Health = z.infer<typeof healthSchema>;

const START_MS = 120_000;

const ANY_PORT = '127.0.0.1:0';

/** `paddock serve --config FILE [--stage NAME]` as a process of its own. */
export class StageProcess {
  readonly admin: string;
  readonly log: readonly string[];
  readonly #child: ChildProcess;
  readonly #addresses: Readonly<Record<string, string>>;

  private constructor(child: ChildProcess, listening: Listening, log: readonly string[]) {
    this.#child = child;
    this.admin = listening.admin;
    this.#addresses = listening.addresses;
    this.log = log;
  }

  /**
   * Writes the configuration to `file`; undefined starts the whole replica, fused. `note` is given what it prints, as
   * it comes.
   */
  static async start(
    stage: StageName | undefined,
    configuration: ConfigurationFile,
    file: string,
    note: (text: string) => void = () => undefined,
  ): Promise<StageProcess> {
    writeFileSync(file, JSON.stringify(configuration));
    const stageArgs = stage === undefined ? [] : ['--stage', stage];
    const child = spawnPaddock(['serve', '--config', file, '--admin', ANY_PORT, ...stageArgs]);
    const log: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log.push(text);
      note(text);
    });
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        child.kill('SIGKILL');
        reject(new Error(`${stage ?? 'replica'} ${why}\n${log.join('\n')}`));
      };
      const timer = setTimeout(() => fail(`did not listen within ${START_MS} ms`), START_MS);
      const endedEarly = (code: number | null): void => {
        clearTimeout(timer);
        fail(`ended with code ${code}`);
      };
      child.once('exit', endedEarly);
      if (child.stdout === null) return fail('has no output');
      createInterface({ input: child.stdout }).on('line', (line) => {
        log.push(line);
        note(line);
        const listening = listeningSchema.safeParse(JSON.parse(line));
        if (!listening.success) return;
        clearTimeout(timer);
        child.off('exit', endedEarly);
        const { admin, ...fields } = listening.data;
        const addresses = z.record(z.string(), z.string().catch('')).parse(fields);
        resolve(new StageProcess(child, { admin, addresses }, log));
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** "host:port" that the process really listens on. */
  address(endpoint: Endpoint): string {
    return this.#addresses[endpoint] ?? '';
  }

  async health(): Promise<Health> {
    const response = await fetch(`http://${this.admin}/health`);
    return healthSchema.parse(await response.json());
  }

  /** Session streams that a front-end holds. */
  async connections(): Promise<number> {
    const response = await fetch(`http://${this.admin}/status`);
    const { stages } = frontendSchema.parse(await response.json());
    return stages['session-frontend'].connections;
  }

  /** Resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return resolve();
      this.#child.once('exit', () => resolve());
      this.#child.kill(signal);
    });
  }
}
