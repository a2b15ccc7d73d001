import {
  broadcastBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
} from '@paddock/link-grpc';
import type { LinkTraffic } from '@paddock/link-grpc';
import type { Limits } from '@paddock/model';
import { guardStageDirectory, openStageDirectory } from '@paddock/node-runtime';
import type { DurableStage, ReplicaConfiguration, StageDirectory } from '@paddock/node-runtime';
import { composeStages } from './fused-stages.ts';
import type { FusedStages, FusedSurroundings } from './fused-stages.ts';
import { PeerDialers } from './peer-dialers.ts';
import { openProviders } from './identity-providers.ts';
import { PUBLIC_SERVICES, serveClients } from './public-api.ts';
import { replicaCertificates } from './replica-certificates.ts';
import type { ReplicaCertificates } from './replica-certificates.ts';
import { healthOf, statusOf } from './running.ts';
import type { Running, Surroundings } from './running.ts';
import { ServedBoundaries } from './served-boundaries.ts';
import { stageSurroundings } from './stage-surroundings.ts';
import { startStageServer } from './stage-server.ts';
import type { StageServer } from './stage-server.ts';

type Directories = FusedSurroundings['directories'];

function openDirectories(
  { dataDirectory, replica }: ReplicaConfiguration,
  failed: (reason: string) => void,
): Directories {
  const open = (stage: DurableStage): StageDirectory =>
    guardStageDirectory(openStageDirectory(dataDirectory, stage, replica), failed);
  const broadcaster = open('broadcaster');
  try {
    return { broadcaster, database: open('database') };
  } catch (error) {
    broadcaster.release();
    throw error;
  }
}

function releaseDirectories({ broadcaster, database }: Directories): void {
  database.release();
  broadcaster.release();
}

/** Stages that cannot start in their directories leave no locks there. */
function composeOrRelease(...args: Parameters<typeof composeStages>): FusedStages {
  try {
    return composeStages(...args);
  } catch (error) {
    releaseDirectories(args[1].directories);
    throw error;
  }
}

/** All that other replicas dial, and front-ends that run by themselves, on one server. */
function servePeers(
  peers: StageServer,
  { processor, database, broadcaster }: FusedStages,
  limits: Limits,
  traffic: LinkTraffic,
): void {
  const served = (): ServedBoundaries => new ServedBoundaries(peers.server, limits);
  const ofBroadcaster = served()
    .add(electionBoundary, broadcaster.acceptCandidate, traffic)
    .add(broadcastBoundary, broadcaster.acceptLearner, traffic)
    .addMembers((...asked) => broadcaster.askMembers(...asked));
  const ofDatabase = served()
    .add(databaseDatabaseBoundary, database.acceptDatabase)
    .add(frontendDatabaseBoundary, database.acceptFrontend);
  const ofProcessor = served().add(frontendProcessorBoundary, processor.acceptFrontend);
  peers.describe(
    { services: ofBroadcaster.services, stage: broadcaster },
    { services: ofDatabase.services, stage: database },
    { services: ofProcessor.services, stage: processor },
  );
}

interface ReplicaServers {
  readonly clients: StageServer;
  /** Undefined in an ensemble of one. */
  readonly peers: StageServer | undefined;
}

async function startServers(
  configuration: ReplicaConfiguration,
  { clients: clientTls, served }: ReplicaCertificates,
): Promise<ReplicaServers> {
  const { addresses, ensemble } = configuration;
  const clients = await startStageServer(
    addresses.client,
    '"addresses.client"',
    configuration,
    clientTls,
  );
  if (ensemble.length === 0) return { clients, peers: undefined };
  try {
    const option = '"ensemble", in the file of every replica';
    return {
      clients,
      peers: await startStageServer(addresses.zabBroadcaster, option, configuration, served),
    };
  } catch (error) {
    await clients.stop();
    throw error;
  }
}

/** Starts a replica as this process: its four stages, with links that are plain calls. */
export async function startReplica(
  configuration: ReplicaConfiguration,
  { log, failed }: Surroundings,
): Promise<Running> {
  const { limits } = configuration;
  const certificates = replicaCertificates(configuration, log);
  const opened = openProviders(configuration, log);
  const { clients, peers } = await startServers(configuration, certificates);
  const dialers = new PeerDialers(configuration, certificates.dialled);
  const hangUp = async (): Promise<void> => {
    dialers.close();
    opened.stop();
    await clients.stop();
    await peers?.stop();
  };
  try {
    const directories = openDirectories(configuration, failed);
    const composed = composeOrRelease(configuration, {
      directories,
      dialers,
      address: peers?.address,
      providers: opened.providers,
      of: (stage) => stageSurroundings(log, stage, failed),
    });
    const { frontend, processor, database, broadcaster, history, backups } = composed;
    const { providers } = opened;
    serveClients(clients.server, { frontend, history, backups, limits, providers });
    clients.describe({ services: PUBLIC_SERVICES, stage: frontend });
    if (peers !== undefined) servePeers(peers, composed, limits, dialers.traffic);
    const stages = {
      'zab-broadcaster': broadcaster,
      'replicated-database': database,
      'request-processor': processor,
      'session-frontend': frontend,
    };
    for (const stage of Object.values(stages)) stage.start();
    return {
      addresses: {
        client: clients.address,
        ...(peers === undefined ? {} : { zabBroadcaster: peers.address }),
      },
      health: () => healthOf(stages),
      status: () => statusOf(stages),
      async stop() {
        history.stop();
        backups.stop();
        for (const stage of Object.values(stages).reverse()) await stage.stop();
        await hangUp();
        releaseDirectories(directories);
      },
    };
  } catch (error) {
    await hangUp();
    throw error;
  }
}
