import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const PADDOCK = fileURLToPath(new URL('../../bootstrap/paddock.mjs', import.meta.url));

const servingSchema = z.object({
  event: z.literal('serving'),
  replicas: z.array(z.object({ endpoints: z.looseObject({ client: z.string() }) })),
});

export class DemoError extends Error {
  override readonly name = 'DemoError';
}

export interface Service {
  readonly servers: string;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/** An ensemble of its own, on ports that the system chooses, in a directory that goes away with it. */
export async function startService(): Promise<Service> {
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
  const servers = await Promise.race([readServers(child.stdout), ended.then(() => null)]);
  if (servers !== null) return { servers, stop };
  await stop();
  throw new DemoError(`the service did not start:\n${complaints}`);
}

async function readServers(stdout: NodeJS.ReadableStream): Promise<string | null> {
  const lines = createInterface({ input: stdout });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const serving = servingSchema.safeParse(parseJson(line));
      if (!serving.success) return;
      resolve(serving.data.replicas.map(({ endpoints }) => endpoints.client).join(','));
    });
    lines.once('close', () => resolve(null));
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
