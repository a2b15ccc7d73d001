// Profiles of running processes over exactly the time of a load, by the inspector of Node.
import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { BenchmarkError } from '../benchmark-error.ts';

/** Lets a process be asked for a profile; a process that it starts with its own options gets it too. */
export const INSPECTABLE = ['--inspect=127.0.0.1:0'] as const;

const SAMPLING_MICROSECONDS = 500;
const LISTENING = /ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+/g;

const reply = z.object({ id: z.number(), result: z.unknown() });
const pidResult = z.object({ result: z.object({ value: z.number() }) });
const profileResult = z.object({ profile: z.unknown() });

/** Gathers the inspectors that a process and those it has started announce on its standard error. */
export class Inspectors {
  readonly addresses: string[] = [];

  constructor(child: ChildProcess) {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const [address] of text.matchAll(LISTENING)) this.addresses.push(address);
      text = text.slice(text.lastIndexOf('\n') + 1);
    });
  }

  /** Connects to that of each process. */
  async profilersOf(pids: readonly number[]): Promise<Profiler[]> {
    const profilers: Profiler[] = [];
    for (const address of this.addresses) {
      const profiler = await Profiler.connect(address);
      if (pids.includes(profiler.pid)) profilers.push(profiler);
      else profiler.close();
    }
    if (profilers.length < pids.length) throw new BenchmarkError('a process has no inspector');
    return profilers;
  }
}

export class Profiler {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #asked = 0;
  pid = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const answer = reply.safeParse(JSON.parse(String(data)));
      if (!answer.success) return;
      this.#waiting.get(answer.data.id)?.(answer.data.result);
      this.#waiting.delete(answer.data.id);
    });
  }

  static async connect(address: string): Promise<Profiler> {
    const socket = new WebSocket(address);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new BenchmarkError(`no ${address}`)));
    });
    const profiler = new Profiler(socket);
    const pid = await profiler.#ask('Runtime.evaluate', { expression: 'process.pid' });
    profiler.pid = pidResult.parse(pid).result.value;
    return profiler;
  }

  async start(): Promise<void> {
    await this.#ask('Profiler.enable');
    await this.#ask('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS });
    await this.#ask('Profiler.start');
  }

  /** The text of a .cpuprofile. */
  async stop(): Promise<string> {
    const { profile } = profileResult.parse(await this.#ask('Profiler.stop'));
    this.close();
    return JSON.stringify(profile);
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return new Promise((resolve) => {
      const id = ++this.#asked;
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
