import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const PADDOCK = fileURLToPath(new URL('../../bootstrap/paddock.mjs', import.meta.url));

const eventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('serving'),
    leader: z.number().nullable(),
    replicas: z.array(
      z.object({
        id: z.number(),
        endpoints: z.looseObject({ client: z.string() }),
        processes: z.array(z.object({ pid: z.number() })),
      }),
    ),
  }),
  z.object({ event: z.literal('leads'), replica: z.number().nullable(), epoch: z.number() }),
  z.object({ event: z.literal('died'), name: z.string() }),
  z.object({ event: z.literal('servesAgain'), name: z.string() }),
]);

/** What the supervisor of the service tells, as far as it belongs to the play. */
export type ServiceEvent = z.infer<typeof eventSchema>;
type Serving = Extract<ServiceEvent, { readonly event: 'serving' }>;

export class DemoError extends Error {
  override readonly name = 'DemoError';
}

export interface LeadingReplica {
  readonly replica: number;
  readonly pid: number;
}

/** An ensemble of its own, on ports that the system chooses, in a directory that goes away with it. */
export class Service {
  readonly servers: string;
  readonly replicas: number;
  /** As it was when all served. */
  readonly leader: LeadingReplica;
  /** Told of what happens from now on. */
  heard: (event: ServiceEvent) => void = () => undefined;
  readonly #stop: () => Promise<void>;

  private constructor(serving: Serving, stop: () => Promise<void>) {
    this.servers = serving.replicas.map(({ endpoints }) => endpoints.client).join(',');
    this.replicas = serving.replicas.length;
    const leading = serving.replicas.find(({ id }) => id === serving.leader);
    this.leader = { replica: leading?.id ?? 0, pid: leading?.processes[0]?.pid ?? 0 };
    this.#stop = stop;
  }

  static async start(): Promise<Service> {
    const data = mkdtempSync(join(tmpdir(), 'paddock-demo-'));
    const args = ['serve', '--json', '--data', data, '--grpc-port', '0', '--admin-port', '0'];
    const child = spawn(process.execPath, [PADDOCK, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PADDOCK_LOG_LEVEL: 'warn' },
    });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-4000);
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const stop = async (): Promise<void> => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    };
    const service = await Promise.race([
      Service.#untilServing(child.stdout, stop),
      ended.then(() => null),
    ]);
    if (service !== null) return service;
    await stop();
    throw new DemoError(`the service did not start:\n${complaints}`);
  }

  /** Stops it and removes its data. */
  stop(): Promise<void> {
    return this.#stop();
  }

  static #untilServing(
    stdout: NodeJS.ReadableStream,
    stop: () => Promise<void>,
  ): Promise<Service | null> {
    return new Promise((resolve) => {
      let service: Service | null = null;
      const lines = createInterface({ input: stdout });
      lines.on('line', (line) => {
        const event = eventSchema.safeParse(parseJson(line));
        if (!event.success) return;
        if (service !== null) service.heard(event.data);
        else if (event.data.event === 'serving') {
          service = new Service(event.data, stop);
          resolve(service);
        }
      });
      lines.once('close', () => resolve(null));
    });
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
