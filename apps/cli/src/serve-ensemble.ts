import { join } from 'node:path';
import {
  assertPortFree,
  formatAddress,
  LOOPBACK,
  startAdminServer,
  stopRequested,
} from '@paddock/node-runtime';
import type { AdminServer } from '@paddock/node-runtime';
import { replicaAdmin } from './serve-admin.ts';
import { readEnsembleDirectory, takeEnsembleDirectory } from './serve-ensemble-directory.ts';
import { jsonVoice, personVoice } from './serve-voice.ts';
import type { Voice } from './serve-voice.ts';
import type { EnsembleOptions } from './serve-options.ts';
import { ServedReplica } from './serve-replica.ts';

const READY_POLL_MS = 20;
/** Recovery of a large tree takes its time; beyond this the person is told what is waited for, and waiting goes on. */
const PATIENCE_MS = 5000;

function portOf(base: number, replica: number): number {
  return base === 0 ? 0 : base + replica - 1;
}

async function untilServing(
  replica: ServedReplica,
  voice: Voice,
  stopped: () => boolean,
): Promise<void> {
  const admin = replicaAdmin(replica);
  let toldAt = performance.now();
  for (;;) {
    const report = await admin.health();
    if (report.serving || stopped()) return;
    if (performance.now() - toldAt > PATIENCE_MS) {
      toldAt = performance.now();
      voice.waiting(replica.replica, report.waitingFor);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

/** Serves an ensemble on this machine until it is asked to stop. */
export async function serveEnsemble(options: EnsembleOptions): Promise<number> {
  const directory = readEnsembleDirectory(options.data, options.replicas);
  const voice = options.json ? jsonVoice() : personVoice();
  for (const notice of directory.notices) voice.notice(notice);
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
          log: options.json ? 'standardError' : 'inherit',
        },
        voice,
      ),
  );
  const admins: AdminServer[] = [];
  let release: (() => void) | undefined;
  const asked = { toStop: false };
  const stopped = stopRequested().then(() => {
    asked.toStop = true;
  });
  try {
    for (const replica of replicas) {
      const address = formatAddress(LOOPBACK, portOf(options.adminPort, replica.replica));
      admins.push(await startAdminServer(address, replicaAdmin(replica)));
      const clients = formatAddress(LOOPBACK, portOf(options.grpcPort, replica.replica));
      await assertPortFree(clients, '--grpc-port');
    }
    // Nothing was touched before this.
    release = takeEnsembleDirectory(directory);
    const started = (async () => {
      for (const replica of replicas) await replica.start();
      for (const replica of replicas) await untilServing(replica, voice, () => asked.toStop);
    })();
    await Promise.race([started, stopped]);
    if (!asked.toStop) {
      voice.serving(replicas, admins, directory.path);
      await stopped;
    }
    voice.notice('stopping');
    return 0;
  } finally {
    for (const admin of admins) admin.close();
    for (const replica of replicas) await replica.stop();
    release?.();
  }
}
