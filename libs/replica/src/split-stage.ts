import {
  broadcastBoundary,
  databaseBroadcasterBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
  frontendBroadcasterBoundary,
  frontendDatabaseBoundary,
  frontendProcessorBoundary,
  GrpcLinkDialer,
  noTraffic,
  processorBroadcasterBoundary,
  processorDatabaseBoundary,
} from '@paddock/link-grpc';
import type { CertificateFiles } from '@paddock/link-grpc';
import {
  NODE_CLOCK,
  NODE_RANDOM,
  NodeDisk,
  guardStageDirectory,
  openStageDirectory,
  OperatorError,
  parseAddress,
  SHA256,
} from '@paddock/node-runtime';
import type {
  Endpoint,
  Logger,
  ReplicaConfiguration,
  StageDirectory,
  StageName,
} from '@paddock/node-runtime';
import { assertReachable } from './announced-address.ts';
import { BackupRelay } from './backup-relay.ts';
import { openProviders } from './identity-providers.ts';
import { LogSearches } from './log-searching.ts';
import { PUBLIC_SERVICES, serveClients } from './public-api.ts';
import { replicaCertificates } from './replica-certificates.ts';
import { ReplicatedDatabaseStage } from './replicated-database-stage.ts';
import { RequestProcessorStage } from './request-processor-stage.ts';
import { healthOf, statusOf } from './running.ts';
import type { Running, Surroundings } from './running.ts';
import { ServedBoundaries } from './served-boundaries.ts';
import { SessionFrontendStage } from './session-frontend-stage.ts';
import type { Stage, StageSurroundings } from './stage.ts';
import { stageSurroundings } from './stage-surroundings.ts';
import { startStageServer } from './stage-server.ts';
import type { StageServer } from './stage-server.ts';
import { ZabBroadcasterStage } from './zab-broadcaster-stage.ts';

interface Assembled {
  readonly stage: Stage;
  readonly services: readonly string[];
  /** Gives back what the stage held beside itself. */
  readonly release: () => void;
}

type Assemble = (
  configuration: ReplicaConfiguration,
  surroundings: StageSurroundings,
  server: StageServer,
  /** Of the links that it dials. */
  tls: CertificateFiles | undefined,
  log: Logger,
) => Assembled;

interface StagePlace {
  readonly endpoint: Endpoint;
  readonly admin: Endpoint;
  readonly assemble: Assemble;
}

function assembleBroadcaster(
  configuration: ReplicaConfiguration,
  surroundings: StageSurroundings,
  { server }: StageServer,
  tls: CertificateFiles | undefined,
): Assembled {
  const { replica, dataDirectory, limits, timing, ensemble } = configuration;
  const databaseAddress = announcedDatabase(configuration);
  const directory = guardStageDirectory(
    openStageDirectory(dataDirectory, 'broadcaster', replica),
    surroundings.failed,
  );
  const traffic = noTraffic();
  const election = new GrpcLinkDialer(electionBoundary, { limits, timing, traffic, tls });
  const broadcast = new GrpcLinkDialer(broadcastBoundary, { limits, timing, traffic, tls });
  const { path, identity } = directory;
  const stage = orRelease(
    directory,
    () =>
      new ZabBroadcasterStage(
        { limits, timing, identity, ensemble, databaseAddress },
        {
          ...surroundings,
          clock: NODE_CLOCK,
          random: NODE_RANDOM,
          disk: new NodeDisk(path),
          election,
          broadcast,
          traffic,
          reached: (address) => broadcast.prepare(address),
        },
      ),
  );
  const { services } = new ServedBoundaries(server, limits)
    .add(processorBroadcasterBoundary, stage.acceptProcessor)
    .add(databaseBroadcasterBoundary, stage.acceptDatabase)
    .add(frontendBroadcasterBoundary, stage.acceptLogReader)
    .add(electionBoundary, stage.acceptCandidate, traffic)
    .add(broadcastBoundary, stage.acceptLearner, traffic)
    .addMembers((...asked) => stage.askMembers(...asked));
  return {
    stage,
    services,
    release() {
      election.close();
      broadcast.close();
      directory.release();
    },
  };
}

/** Where databases of other replicas fetch snapshots from that of this one. */
function announcedDatabase(configuration: ReplicaConfiguration): string {
  assertReachable(configuration, 'replicatedDatabase');
  const { ensemble, addresses } = configuration;
  const address = addresses.replicatedDatabase;
  if (ensemble.length > 0 && parseAddress(address)?.port === 0) {
    throw new OperatorError(
      '"addresses.replicatedDatabase" has port 0: the other replicas could not find it, so choose one',
    );
  }
  return address;
}

/** A stage that cannot start in its directory leaves no lock there. */
function orRelease<T>(directory: StageDirectory, build: () => T): T {
  try {
    return build();
  } catch (error) {
    directory.release();
    throw error;
  }
}

function assembleDatabase(
  { replica, dataDirectory, limits, timing, addresses }: ReplicaConfiguration,
  surroundings: StageSurroundings,
  { server }: StageServer,
  tls: CertificateFiles | undefined,
): Assembled {
  const directory = guardStageDirectory(
    openStageDirectory(dataDirectory, 'database', replica),
    surroundings.failed,
  );
  const broadcaster = new GrpcLinkDialer(databaseBroadcasterBoundary, { limits, timing, tls });
  const snapshots = new GrpcLinkDialer(databaseDatabaseBoundary, { limits, timing, tls });
  const { path, identity } = directory;
  const stage = orRelease(
    directory,
    () =>
      new ReplicatedDatabaseStage(
        { limits, timing, identity, broadcasterAddress: addresses.zabBroadcaster },
        { ...surroundings, clock: NODE_CLOCK, disk: new NodeDisk(path), broadcaster, snapshots },
      ),
  );
  const { services } = new ServedBoundaries(server, limits)
    .add(frontendDatabaseBoundary, stage.acceptFrontend)
    .add(processorDatabaseBoundary, stage.acceptProcessor)
    .add(databaseDatabaseBoundary, stage.acceptDatabase);
  return {
    stage,
    services,
    release() {
      broadcaster.close();
      snapshots.close();
      directory.release();
    },
  };
}

function assembleProcessor(
  configuration: ReplicaConfiguration,
  surroundings: StageSurroundings,
  { server, address }: StageServer,
  tls: CertificateFiles | undefined,
): Assembled {
  assertReachable(configuration, 'requestProcessor');
  const { limits, timing, addresses } = configuration;
  const database = new GrpcLinkDialer(processorDatabaseBoundary, { limits, timing, tls });
  const broadcaster = new GrpcLinkDialer(processorBroadcasterBoundary, { limits, timing, tls });
  const stage = new RequestProcessorStage(
    {
      limits,
      timing,
      processorAddress: address,
      databaseAddress: addresses.replicatedDatabase,
      broadcasterAddress: addresses.zabBroadcaster,
    },
    { ...surroundings, clock: NODE_CLOCK, database, broadcaster },
  );
  const { services } = new ServedBoundaries(server, limits).add(
    frontendProcessorBoundary,
    stage.acceptFrontend,
  );
  return {
    stage,
    services,
    release() {
      database.close();
      broadcaster.close();
    },
  };
}

function assembleFrontend(
  configuration: ReplicaConfiguration,
  surroundings: StageSurroundings,
  { server }: StageServer,
  tls: CertificateFiles | undefined,
  log: Logger,
): Assembled {
  const { limits, timing, addresses, superDigest } = configuration;
  const { providers, stop } = openProviders(configuration, log);
  const database = new GrpcLinkDialer(frontendDatabaseBoundary, { limits, timing, tls });
  const processor = new GrpcLinkDialer(frontendProcessorBoundary, { limits, timing, tls });
  const stage = new SessionFrontendStage(
    { limits, timing, databaseAddress: addresses.replicatedDatabase },
    {
      ...surroundings,
      clock: NODE_CLOCK,
      random: NODE_RANDOM,
      secretHash: SHA256,
      identityProviders: providers,
      database,
      processor,
    },
  );
  const logReading = new GrpcLinkDialer(frontendBroadcasterBoundary, { limits, timing, tls });
  const history = new LogSearches({ address: addresses.zabBroadcaster, dialer: logReading });
  const snapshots = new GrpcLinkDialer(databaseDatabaseBoundary, { limits, timing, tls });
  const backups = new BackupRelay({
    address: addresses.replicatedDatabase,
    dialer: snapshots,
    hasSuper: superDigest !== undefined,
  });
  serveClients(server, { frontend: stage, history, backups, limits, providers });
  return {
    stage,
    services: PUBLIC_SERVICES,
    release() {
      stop();
      history.stop();
      backups.stop();
      snapshots.close();
      logReading.close();
      database.close();
      processor.close();
    },
  };
}

const PLACES: Readonly<Record<StageName, StagePlace>> = {
  'zab-broadcaster': {
    endpoint: 'zabBroadcaster',
    admin: 'zabBroadcasterAdmin',
    assemble: assembleBroadcaster,
  },
  'replicated-database': {
    endpoint: 'replicatedDatabase',
    admin: 'replicatedDatabaseAdmin',
    assemble: assembleDatabase,
  },
  'request-processor': {
    endpoint: 'requestProcessor',
    admin: 'requestProcessorAdmin',
    assemble: assembleProcessor,
  },
  'session-frontend': {
    endpoint: 'client',
    admin: 'sessionFrontendAdmin',
    assemble: assembleFrontend,
  },
};

/** Where a stage that runs by itself answers health and status. */
export function adminEndpoint(name: StageName): Endpoint {
  return PLACES[name].admin;
}

/** Starts one stage of a replica as this process, with gRPC links to the others. */
export async function startStage(
  configuration: ReplicaConfiguration,
  name: StageName,
  { log, failed }: Surroundings,
): Promise<Running> {
  const { endpoint, assemble } = PLACES[name];
  const { clients, served, dialled } = replicaCertificates(configuration, log);
  const server = await startStageServer(
    configuration.addresses[endpoint],
    `"addresses.${endpoint}"`,
    configuration,
    endpoint === 'client' ? clients : served,
  );
  try {
    const { stage, services, release } = assemble(
      configuration,
      stageSurroundings(log, name, failed),
      server,
      dialled,
      log,
    );
    server.describe({ services, stage });
    stage.start();
    const stages = { [name]: stage };
    return {
      addresses: { [endpoint]: server.address },
      health: () => healthOf(stages),
      status: () => statusOf(stages),
      async stop() {
        await stage.stop();
        await server.stop();
        release();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
