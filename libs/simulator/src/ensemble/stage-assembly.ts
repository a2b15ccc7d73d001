import { SHA256 } from '@paddock/node-runtime';
import {
  digestProvider,
  ReplicatedDatabaseStage,
  RequestProcessorStage,
  SessionFrontendStage,
  ZabBroadcasterStage,
} from '@paddock/replica';
import type { Stage, StageSurroundings } from '@paddock/replica';
import type { SimulatedDisk } from '../kernel/simulated-disk.ts';
import { SUPER_DIGEST } from '../users/identities.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';
import type { World } from '../world.ts';
import { addressesOf } from './boundaries.ts';
import type { EnsembleNetworks } from './ensemble-networks.ts';
import { SimulatedTokens } from './simulated-tokens.ts';

export interface ReplicaIdentity {
  readonly format: number;
  readonly clusterId: string;
  readonly replica: number;
  readonly incarnation: number;
}

export interface Member {
  readonly replica: number;
  readonly address: string;
  readonly role: 'voter' | 'observer';
}

/** What stages are built from, whichever they are. */
export interface AssemblyParts {
  readonly world: World;
  readonly networks: EnsembleNetworks;
  readonly process: VirtualProcess;
  readonly surroundings: StageSurroundings;
  readonly identity: ReplicaIdentity;
  readonly ensemble: readonly Member[];
}

/** The stages as they are shipped, with simulated links and disks. */
export function assembleBroadcaster(
  parts: AssemblyParts,
  disk: SimulatedDisk,
): ZabBroadcasterStage {
  const { world, networks, process, surroundings, identity, ensemble } = parts;
  const { limits, timing } = world.settings;
  const { broadcaster, database } = addressesOf(identity.replica);
  const stage = new ZabBroadcasterStage(
    { limits, timing, identity, ensemble, databaseAddress: database },
    {
      ...surroundings,
      clock: process.clock,
      random: world.random.fork(`elections of ${process.name}`),
      disk: disk.openFor(process),
      election: networks.election.dialer(process),
      broadcast: networks.broadcast.dialer(process),
    },
  );
  networks.databaseBroadcaster.listen(broadcaster, process, stage.acceptDatabase);
  networks.processorBroadcaster.listen(broadcaster, process, stage.acceptProcessor);
  networks.election.listen(broadcaster, process, stage.acceptCandidate);
  networks.broadcast.listen(broadcaster, process, stage.acceptLearner);
  return stage;
}

export function assembleDatabase(
  parts: AssemblyParts,
  disk: SimulatedDisk,
): ReplicatedDatabaseStage {
  const { world, networks, process, surroundings, identity } = parts;
  const { limits, timing } = world.settings;
  const { broadcaster, database } = addressesOf(identity.replica);
  const stage = new ReplicatedDatabaseStage(
    { limits, timing, identity, broadcasterAddress: broadcaster },
    {
      ...surroundings,
      clock: process.clock,
      disk: disk.openFor(process),
      broadcaster: networks.databaseBroadcaster.dialer(process),
      snapshots: networks.databaseDatabase.dialer(process),
    },
  );
  networks.frontendDatabase.listen(database, process, stage.acceptFrontend);
  networks.processorDatabase.listen(database, process, stage.acceptProcessor);
  networks.databaseDatabase.listen(database, process, stage.acceptDatabase);
  return stage;
}

export function assembleProcessor(parts: AssemblyParts): Stage {
  const { world, networks, process, surroundings, identity } = parts;
  const { limits, timing } = world.settings;
  const { broadcaster, database, processor } = addressesOf(identity.replica);
  const stage = new RequestProcessorStage(
    {
      limits,
      timing,
      processorAddress: processor,
      databaseAddress: database,
      broadcasterAddress: broadcaster,
    },
    {
      ...surroundings,
      clock: process.clock,
      database: networks.processorDatabase.dialer(process),
      broadcaster: networks.processorBroadcaster.dialer(process),
    },
  );
  networks.frontendProcessor.listen(processor, process, stage.acceptFrontend);
  return stage;
}

export function assembleFrontend(parts: AssemblyParts): SessionFrontendStage {
  const { world, networks, process, surroundings, identity } = parts;
  const { limits, timing } = world.settings;
  const { database, frontend } = addressesOf(identity.replica);
  const stage = new SessionFrontendStage(
    { limits, timing, databaseAddress: database },
    {
      ...surroundings,
      clock: process.clock,
      random: world.random.fork(`secrets of ${process.name}`),
      secretHash: SHA256,
      identityProviders: [
        digestProvider(SUPER_DIGEST),
        new SimulatedTokens(surroundings.timers, world.random.fork(`tokens of ${process.name}`)),
      ],
      database: networks.frontendDatabase.dialer(process),
      processor: networks.frontendProcessor.dialer(process),
    },
  );
  networks.clients.listen(frontend, process, stage.acceptClient);
  return stage;
}
