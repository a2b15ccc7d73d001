import { join } from 'node:path';
import {
  assertPortFree,
  formatAddress,
  LOOPBACK,
  OperatorError,
  startAdminServer,
  stopRequested,
} from '@paddock/node-runtime';
import type { AdminServer, EnsembleMember } from '@paddock/node-runtime';
import { replicaAdmin } from './serve-admin.ts';
import {
  membersOf,
  readEnsembleDirectory,
  takeEnsembleDirectory,
} from './serve-ensemble-directory.ts';
import type { EnsembleDirectory } from './serve-ensemble-directory.ts';
import { PeerAddresses } from './serve-peer-address.ts';
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

async function servedReplicas(
  directory: EnsembleDirectory,
  members: readonly EnsembleMember[],
  options: EnsembleOptions,
  voice: Voice,
): Promise<readonly ServedReplica[]> {
  const isAlone = members.length === 0;
  const numbers = isAlone ? [1] : members.map(({ replica }) => replica);
  const addresses = new PeerAddresses(members.map(({ address }) => address));
  const replicas: ServedReplica[] = [];
  for (const replica of numbers) {
    const isDialled = options.split && !isAlone;
    const settings = {
      replica,
      directory: join(directory.path, `replica-${replica}`),
      split: options.split,
      grpcPort: portOf(options.grpcPort, replica),
      members,
      databaseAddress: isDialled ? await addresses.choose() : undefined,
      restart: options.restart,
      log: options.json ? 'standardError' : 'inherit',
    } as const;
    replicas.push(new ServedReplica(settings, voice));
  }
  return replicas;
}

/** The ensemble has these addresses in its log, so another cannot be chosen. */
async function assertMembersCanListen(
  { members, path }: EnsembleDirectory,
  size: number,
): Promise<void> {
  for (const { replica, address } of members.slice(0, size)) {
    try {
      await assertPortFree(address, '');
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      throw new OperatorError(
        `${address} is in use by another program, and the ensemble in ${path} was founded with replica ${replica} ` +
          'there: stop that program, then serve again',
      );
    }
  }
}

/** Resolves when every replica serves, so that there is a leader, or when it is not waited for any more. */
async function untilServing(
  replicas: readonly ServedReplica[],
  voice: Voice,
  stopped: () => boolean,
): Promise<void> {
  const admins = replicas.map((replica) => ({ replica, admin: replicaAdmin(replica) }));
  let toldAt = performance.now();
  while (!stopped()) {
    const reports = await Promise.all(
      admins.map(async ({ replica, admin }) => ({ replica, report: await admin.health() })),
    );
    const missing = reports.filter(({ report }) => !report.serving);
    if (missing.length === 0) return;
    if (performance.now() - toldAt > PATIENCE_MS) {
      toldAt = performance.now();
      for (const { replica, report } of missing) {
        voice.waiting(replica.replica, report.waitingFor);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

/** Serves an ensemble on this machine until it is asked to stop. */
export async function serveEnsemble(options: EnsembleOptions): Promise<number> {
  const directory = readEnsembleDirectory(options.data, options);
  const voice = options.json ? jsonVoice() : personVoice();
  for (const notice of directory.notices) voice.notice(notice);
  const members = await membersOf(directory);
  const replicas = await servedReplicas(directory, members, options, voice);
  const admins: AdminServer[] = [];
  let release: (() => void) | undefined;
  const asked = { toStop: false };
  const stopped = stopRequested().then(() => {
    asked.toStop = true;
  });
  try {
    await assertMembersCanListen(directory, members.length);
    for (const replica of replicas) {
      const address = formatAddress(LOOPBACK, portOf(options.adminPort, replica.replica));
      admins.push(await startAdminServer(address, replicaAdmin(replica)));
      const clients = formatAddress(LOOPBACK, portOf(options.grpcPort, replica.replica));
      await assertPortFree(clients, '--grpc-port');
    }
    // Nothing was touched before this.
    release = takeEnsembleDirectory(directory, members);
    const started = Promise.all(replicas.map((replica) => replica.start())).then(() =>
      untilServing(replicas, voice, () => asked.toStop),
    );
    await Promise.race([started, stopped]);
    if (!asked.toStop) {
      voice.serving(replicas, admins, directory.path);
      await stopped;
    }
    voice.notice('stopping');
    return 0;
  } finally {
    for (const admin of admins) admin.close();
    await Promise.all(replicas.map((replica) => replica.stop()));
    release?.();
  }
}
