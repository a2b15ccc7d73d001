import { z } from 'zod';
import { BenchmarkError } from '../benchmark-error.ts';
import type { Children } from './children.ts';
import { Inspectors } from './profiler.ts';
import type { Target } from './target.ts';

const listening = z.object({ address: z.string() });

/** Starts the server that answers from a Map. */
export function startFloor(children: Children, nodeArgs: readonly string[] = []): Promise<Target> {
  const child = children.start({
    script: 'floors/map-server.ts',
    nodeArgs,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const inspectors = new Inspectors(child);
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new BenchmarkError('the floor server does not start')));
    child.once('message', (message) => {
      const { address } = listening.parse(message);
      const processes = [{ name: 'floor', pid: child.pid ?? 0 }];
      resolve({ name: 'floor', address, processes, inspectors, stop: () => children.stop(child) });
    });
  });
}
