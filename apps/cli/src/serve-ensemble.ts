import { join } from 'node:path';
import {
  assertPortFree,
  formatAddress,
  LOOPBACK,
  OperatorError,
  stopRequested,
} from '@paddock/node-runtime';
import type { EnsembleMember } from '@paddock/node-runtime';
import { formatZxid } from '@paddock/client';
import { restoreReplica } from '@paddock/replica';
import { EnsembleAdmin } from './serve-admin.ts';
import {
  membersOf,
  readEnsembleDirectory,
  takeEnsembleDirectory,
} from './serve-ensemble-directory.ts';
import type { EnsembleDirectory } from './serve-ensemble-directory.ts';
import { PeerAddresses } from './serve-peer-address.ts';
import { ServeProgress } from './serve-progress.ts';
import { jsonVoice, personVoice } from './serve-voice.ts';
import type { Voice } from './serve-voice.ts';
import type { EnsembleOptions } from './serve-options.ts';
import { ServedReplica } from './serve-replica.ts';

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
      isForPeople: !options.json,
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

/** Serves an ensemble on this machine until it is asked to stop. */
export async function serveEnsemble(options: EnsembleOptions): Promise<number> {
  const directory = readEnsembleDirectory(options.data, options);
  const voice = options.json ? jsonVoice() : personVoice();
  for (const notice of directory.notices) voice.notice(notice);
  const members = await membersOf(directory);
  const replicas = await servedReplicas(directory, members, options, voice);
  const admin = new EnsembleAdmin(replicas);
  let release: (() => void) | undefined;
  const stopping = new AbortController();
  const stopped = stopRequested().then(() => stopping.abort());
  const progress = new ServeProgress(replicas, admin, voice, stopping.signal);
  try {
    await listen(directory, members, replicas, options, admin);
    // Nothing was touched before this.
    if (options.restore !== undefined) await found(options.restore, directory, members, voice);
    release = takeEnsembleDirectory(directory, members);
    const starts = replicas.map((replica) => replica.start());
    const first = Promise.any(starts);
    void first.then(
      () => voice.starting(replicas, directory.path),
      () => undefined,
    );
    const started = isFounded(directory) ? enoughStarted(replicas, starts) : Promise.all(starts);
    await Promise.race([Promise.all([started, progress.untilServing(first)]), stopped]);
    if (!stopping.signal.aborted) {
      const leader = await progress.leader();
      voice.serving({ replicas, admin, data: directory.path, leader });
      await Promise.race([progress.followLeader(leader), stopped]);
    }
    voice.notice('stopping');
    return 0;
  } finally {
    stopping.abort();
    admin.close();
    await Promise.all(replicas.map((replica) => replica.stop()));
    release?.();
  }
}

/** Founds each voter with a backup; the ensemble counts as founded once all have it. */
async function found(
  backup: string,
  { path, isNew }: EnsembleDirectory,
  members: readonly EnsembleMember[],
  voice: Voice,
): Promise<void> {
  if (!isNew) {
    throw new OperatorError(
      `${path} holds an ensemble already, and a backup is restored into a new one: serve from another --data`,
    );
  }
  const voters = members.filter(({ role }) => role === 'voter').map(({ replica }) => replica);
  for (const replica of voters.length === 0 ? [1] : voters) {
    const dataDirectory = join(path, `replica-${replica}`);
    const restored = await restoreReplica(backup, { replica, dataDirectory, ensemble: members });
    const { zxid, znodes } = restored.backup;
    const begins = formatZxid(restored.begins);
    voice.notice(
      `replica ${replica}: ${znodes} znodes of ${formatZxid(zxid)} restored, as of ${begins}`,
    );
  }
}

/** An ensemble that may already have all that its voters agreed on, and needs a majority of them. */
function isFounded({ members }: EnsembleDirectory): boolean {
  return members.length > 0;
}

/** A minority that cannot start is no reason for the others not to serve: it is tried again beside them. */
async function enoughStarted(
  replicas: readonly ServedReplica[],
  starts: readonly Promise<void>[],
): Promise<void> {
  const outcomes = await Promise.allSettled(starts);
  const reasons = outcomes.map((it): unknown => (it.status === 'rejected' ? it.reason : null));
  const voters = replicas.filter(({ role }) => role === 'voter');
  const running = voters.filter((it) => reasons[replicas.indexOf(it)] === null);
  for (const [index, reason] of reasons.entries()) {
    if (reason === null) continue;
    const error = reason instanceof Error ? reason : new Error('a replica did not start');
    if (!(error instanceof OperatorError) || 2 * running.length <= voters.length) throw error;
    replicas[index]?.keepTrying(error.message);
  }
}

/** On the admin ports; those of others are looked at, so that one in use is told before anything is started. */
async function listen(
  directory: EnsembleDirectory,
  members: readonly EnsembleMember[],
  replicas: readonly ServedReplica[],
  options: EnsembleOptions,
  admin: EnsembleAdmin,
): Promise<void> {
  await assertMembersCanListen(directory, members.length);
  for (const { replica } of replicas) {
    await admin.listen(formatAddress(LOOPBACK, portOf(options.adminPort, replica)));
    const clients = formatAddress(LOOPBACK, portOf(options.grpcPort, replica));
    await assertPortFree(clients, '--grpc-port');
  }
}
