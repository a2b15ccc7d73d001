import { join } from 'node:path';
import { formatAddress, LOOPBACK, startAdminServer, stopRequested } from '@paddock/node-runtime';
import type { AdminServer } from '@paddock/node-runtime';
import { replicaAdmin } from './serve-admin.ts';
import { openEnsembleDirectory } from './serve-ensemble-directory.ts';
import type { EnsembleOptions } from './serve-options.ts';
import { ServedReplica } from './serve-replica.ts';

const READY_POLL_MS = 20;
/** Recovery of a large tree takes its time; beyond this the person is told what is waited for, and waiting goes on. */
const PATIENCE_MS = 5000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function portOf(base: number, replica: number): number {
  return base === 0 ? 0 : base + replica - 1;
}

async function untilServing(replica: ServedReplica, stopped: () => boolean): Promise<void> {
  const { health } = replicaAdmin(replica);
  let toldAt = performance.now();
  for (;;) {
    const report = await health();
    if (report.serving || stopped()) return;
    if (performance.now() - toldAt > PATIENCE_MS) {
      toldAt = performance.now();
      say(`replica ${replica.replica} is waiting for ${report.waitingFor.join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

function banner(replicas: readonly ServedReplica[], admins: readonly AdminServer[], data: string): void {
  const servers = replicas.map((replica) => replica.addresses.client ?? '').join(',');
  say('');
  for (const [index, replica] of replicas.entries()) {
    say(`replica ${replica.replica}  clients ${replica.addresses.client ?? ''}  admin http://${admins[index]?.address ?? ''}`);
    for (const served of replica.processes) say(`  ${served.name}  pid ${served.pid ?? 0}`);
  }
  say(`data in ${data}`);
  say('');
  say('Try, in another terminal:');
  const flag = servers === '127.0.0.1:2191' ? '' : ` --server ${servers}`;
  say(`  npx paddock create /hello world${flag}`);
  say(`  npx paddock get /hello${flag}`);
  say(`  npx paddock watch /hello${flag}`);
  say('');
}

/** Serves an ensemble on this machine until it is asked to stop. */
export async function serveEnsemble(options: EnsembleOptions): Promise<number> {
  const directory = openEnsembleDirectory(options.data, options.replicas);
  for (const notice of directory.notices) say(notice);
  const numbers = Array.from({ length: directory.replicas }, (_, index) => index + 1);
  const replicas = numbers.map(
    (replica) =>
      new ServedReplica(
        {
          replica,
          directory: join(directory.path, `replica-${replica}`),
          split: options.split,
          grpcPort: portOf(options.grpcPort, replica),
          restart: options.restart,
        },
        say,
      ),
  );
  const admins: AdminServer[] = [];
  let stopping = false;
  const stopped = stopRequested().then(() => (stopping = true));
  try {
    for (const replica of replicas) {
      const address = formatAddress(LOOPBACK, portOf(options.adminPort, replica.replica));
      admins.push(await startAdminServer(address, replicaAdmin(replica)));
    }
    const started = (async () => {
      for (const replica of replicas) await replica.start();
      for (const replica of replicas) await untilServing(replica, () => stopping);
    })();
    await Promise.race([started, stopped]);
    if (!stopping) {
      banner(replicas, admins, directory.path);
      await stopped;
    }
    say('stopping');
    return 0;
  } finally {
    for (const admin of admins) admin.close();
    for (const replica of replicas) await replica.stop();
    directory.release();
  }
}
