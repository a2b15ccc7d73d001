import {
  databaseBroadcasterEstimates,
  databaseDatabaseEstimates,
  frontendBroadcasterEstimates,
  frontendDatabaseEstimates,
  frontendProcessorEstimates,
  MemoryNetwork,
  processorBroadcasterEstimates,
  processorDatabaseEstimates,
  Turn,
} from '@paddock/link-memory';
import type { BoundaryEstimates } from '@paddock/link-memory';
import { NODE_CLOCK, NODE_RANDOM, NODE_TIMERS, NodeDisk, SHA256 } from '@paddock/node-runtime';
import type { ReplicaConfiguration, StageDirectory, StageName } from '@paddock/node-runtime';
import type { IdentityProvider } from '@paddock/session-core';
import { BackupRelay } from './backup-relay.ts';
import { LogSearches } from './log-searching.ts';
import type { PeerDialers } from './peer-dialers.ts';
import { ReplicatedDatabaseStage } from './replicated-database-stage.ts';
import { RequestProcessorStage } from './request-processor-stage.ts';
import { RoutingDialer } from './routing-dialer.ts';
import { SessionFrontendStage } from './session-frontend-stage.ts';
import type { StageSurroundings } from './stage.ts';
import { ZabBroadcasterStage } from './zab-broadcaster-stage.ts';

/** Where the stages of one process find each other. */
const WITHIN = {
  broadcaster: 'memory:zab-broadcaster',
  database: 'memory:replicated-database',
  processor: 'memory:request-processor',
} as const;

export interface FusedStages {
  readonly frontend: SessionFrontendStage;
  readonly processor: RequestProcessorStage;
  readonly database: ReplicatedDatabaseStage;
  readonly broadcaster: ZabBroadcasterStage;
  readonly history: LogSearches;
  readonly backups: BackupRelay;
}

export interface FusedSurroundings {
  readonly directories: Readonly<Record<'broadcaster' | 'database', StageDirectory>>;
  readonly dialers: PeerDialers;
  /** Where the other replicas dial any stage of this one; undefined in an ensemble of one. */
  readonly address: string | undefined;
  /** Of identities that clients prove. */
  readonly providers: readonly IdentityProvider[];
  readonly of: (stage: StageName) => StageSurroundings;
}

/** The links within a replica: plain calls, in the order of one turn. */
function memoryNetworks({ limits }: ReplicaConfiguration) {
  const turn = new Turn((task) => void NODE_TIMERS.soon(task));
  const network = <Up, Down>(estimates: BoundaryEstimates<Up, Down>): MemoryNetwork<Up, Down> =>
    new MemoryNetwork({ turn, limits, ...estimates });
  return {
    frontendDatabase: network(frontendDatabaseEstimates),
    frontendProcessor: network(frontendProcessorEstimates),
    processorDatabase: network(processorDatabaseEstimates),
    processorBroadcaster: network(processorBroadcasterEstimates),
    databaseBroadcaster: network(databaseBroadcasterEstimates),
    frontendBroadcaster: network(frontendBroadcasterEstimates),
    backups: network(databaseDatabaseEstimates),
  };
}

/** Builds the four stages of a replica and joins them. Throws an OperatorError where a directory can't be used. */
export function composeStages(
  configuration: ReplicaConfiguration,
  surroundings: FusedSurroundings,
): FusedStages {
  const networks = memoryNetworks(configuration);
  const durable = composeDurable(configuration, surroundings, networks);
  const passing = composePassing(configuration, surroundings, networks);
  const { broadcaster, database } = durable;
  networks.databaseBroadcaster.listen(WITHIN.broadcaster, broadcaster.acceptDatabase);
  networks.frontendBroadcaster.listen(WITHIN.broadcaster, broadcaster.acceptLogReader);
  networks.processorBroadcaster.listen(WITHIN.broadcaster, broadcaster.acceptProcessor);
  networks.frontendDatabase.listen(WITHIN.database, database.acceptFrontend);
  networks.backups.listen(WITHIN.database, database.acceptDatabase);
  networks.processorDatabase.listen(WITHIN.database, database.acceptProcessor);
  const processorAddress = surroundings.address ?? WITHIN.processor;
  networks.frontendProcessor.listen(processorAddress, passing.processor.acceptFrontend);
  const history = new LogSearches({
    address: WITHIN.broadcaster,
    dialer: networks.frontendBroadcaster,
  });
  const backups = new BackupRelay({
    address: WITHIN.database,
    dialer: networks.backups,
    hasSuper: configuration.superDigest !== undefined,
  });
  return { ...durable, ...passing, history, backups };
}

type Networks = ReturnType<typeof memoryNetworks>;

/** The stages that keep something on disk. */
function composeDurable(
  { limits, timing, ensemble }: ReplicaConfiguration,
  { directories, dialers, address, of }: FusedSurroundings,
  networks: Networks,
): Pick<FusedStages, 'broadcaster' | 'database'> {
  const clock = NODE_CLOCK;
  const broadcaster = new ZabBroadcasterStage(
    {
      limits,
      timing,
      identity: directories.broadcaster.identity,
      ensemble,
      databaseAddress: address ?? '',
    },
    {
      ...of('zab-broadcaster'),
      clock,
      random: NODE_RANDOM,
      disk: new NodeDisk(directories.broadcaster.path),
      election: dialers.election,
      broadcast: dialers.broadcast,
      traffic: dialers.traffic,
      reached: (peer) => dialers.prepareFor(peer),
    },
  );
  const { identity } = directories.database;
  const database = new ReplicatedDatabaseStage(
    { limits, timing, identity, broadcasterAddress: WITHIN.broadcaster },
    {
      ...of('replicated-database'),
      clock,
      disk: new NodeDisk(directories.database.path),
      broadcaster: networks.databaseBroadcaster,
      snapshots: dialers.snapshots,
    },
  );
  return { broadcaster, database };
}

/** The stages that can be lost at any moment. */
function composePassing(
  { limits, timing }: ReplicaConfiguration,
  { dialers, address, of, providers }: FusedSurroundings,
  networks: Networks,
): Pick<FusedStages, 'processor' | 'frontend'> {
  const clock = NODE_CLOCK;
  const processorAddress = address ?? WITHIN.processor;
  const processor = new RequestProcessorStage(
    {
      limits,
      timing,
      processorAddress,
      databaseAddress: WITHIN.database,
      broadcasterAddress: WITHIN.broadcaster,
    },
    {
      ...of('request-processor'),
      clock,
      database: networks.processorDatabase,
      broadcaster: networks.processorBroadcaster,
    },
  );
  const frontend = new SessionFrontendStage(
    { limits, timing, databaseAddress: WITHIN.database },
    {
      ...of('session-frontend'),
      clock,
      random: NODE_RANDOM,
      secretHash: SHA256,
      identityProviders: providers,
      database: networks.frontendDatabase,
      // The leader's: of this replica or of another, as its term's marker says.
      processor: new RoutingDialer(processorAddress, {
        within: networks.frontendProcessor,
        beyond: dialers.processor,
      }),
    },
  );
  return { processor, frontend };
}
