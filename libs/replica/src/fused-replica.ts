import { servePublicApi } from '@paddock/link-grpc';
import {
  databaseBroadcasterEstimates,
  frontendDatabaseEstimates,
  frontendProcessorEstimates,
  MemoryNetwork,
  processorBroadcasterEstimates,
  processorDatabaseEstimates,
  Turn,
} from '@paddock/link-memory';
import type { BoundaryEstimates } from '@paddock/link-memory';
import {
  NODE_CLOCK,
  NODE_RANDOM,
  NODE_TIMERS,
  NodeDisk,
  openStageDirectory,
  SHA256,
} from '@paddock/node-runtime';
import type { ReplicaConfiguration, StageDirectory, StageName } from '@paddock/node-runtime';
import { publicApi, PUBLIC_SERVICES } from './public-api.ts';
import { ReplicatedDatabaseStage } from './replicated-database-stage.ts';
import { RequestProcessorStage } from './request-processor-stage.ts';
import { healthOf, statusOf } from './running.ts';
import type { Running, Surroundings } from './running.ts';
import { SessionFrontendStage } from './session-frontend-stage.ts';
import type { StageSurroundings } from './stage.ts';
import { stageSurroundings } from './stage-surroundings.ts';
import { startStageServer } from './stage-server.ts';
import { ZabBroadcasterStage } from './zab-broadcaster-stage.ts';

/** Where the stages of one process find each other. */
const WITHIN = {
  broadcaster: 'memory:zab-broadcaster',
  database: 'memory:replicated-database',
  processor: 'memory:request-processor',
} as const;

interface FusedStages {
  readonly frontend: SessionFrontendStage;
  readonly processor: RequestProcessorStage;
  readonly database: ReplicatedDatabaseStage;
  readonly broadcaster: ZabBroadcasterStage;
}

interface Directories {
  readonly broadcaster: StageDirectory;
  readonly database: StageDirectory;
}

function openDirectories({ dataDirectory, replica }: ReplicaConfiguration): Directories {
  const broadcaster = openStageDirectory(dataDirectory, 'broadcaster', replica);
  try {
    return { broadcaster, database: openStageDirectory(dataDirectory, 'database', replica) };
  } catch (error) {
    broadcaster.release();
    throw error;
  }
}

function releaseDirectories({ broadcaster, database }: Directories): void {
  database.release();
  broadcaster.release();
}

function composeStages(
  configuration: ReplicaConfiguration,
  directories: Directories,
  surroundings: (stage: StageName) => StageSurroundings,
): FusedStages {
  const { limits, timing } = configuration;
  const clock = NODE_CLOCK;
  const turn = new Turn((task) => void NODE_TIMERS.soon(task));
  const network = <Up, Down>(estimates: BoundaryEstimates<Up, Down>): MemoryNetwork<Up, Down> =>
    new MemoryNetwork({ turn, limits, ...estimates });
  const frontendDatabase = network(frontendDatabaseEstimates);
  const frontendProcessor = network(frontendProcessorEstimates);
  const processorDatabase = network(processorDatabaseEstimates);
  const processorBroadcaster = network(processorBroadcasterEstimates);
  const databaseBroadcaster = network(databaseBroadcasterEstimates);

  const broadcaster = new ZabBroadcasterStage(
    { limits, timing, identity: directories.broadcaster.identity },
    { ...surroundings('zab-broadcaster'), clock, disk: new NodeDisk(directories.broadcaster.path) },
  );
  const database = new ReplicatedDatabaseStage(
    { limits, timing, broadcasterAddress: WITHIN.broadcaster },
    {
      ...surroundings('replicated-database'),
      clock,
      disk: new NodeDisk(directories.database.path),
      broadcaster: databaseBroadcaster,
    },
  );
  const processor = new RequestProcessorStage(
    {
      limits,
      timing,
      processorAddress: WITHIN.processor,
      databaseAddress: WITHIN.database,
      broadcasterAddress: WITHIN.broadcaster,
    },
    {
      ...surroundings('request-processor'),
      clock,
      database: processorDatabase,
      broadcaster: processorBroadcaster,
    },
  );
  const frontend = new SessionFrontendStage(
    { limits, timing, databaseAddress: WITHIN.database },
    {
      ...surroundings('session-frontend'),
      clock,
      random: NODE_RANDOM,
      secretHash: SHA256,
      database: frontendDatabase,
      processor: frontendProcessor,
    },
  );
  databaseBroadcaster.listen(WITHIN.broadcaster, broadcaster.acceptDatabase);
  processorBroadcaster.listen(WITHIN.broadcaster, broadcaster.acceptProcessor);
  frontendDatabase.listen(WITHIN.database, database.acceptFrontend);
  processorDatabase.listen(WITHIN.database, database.acceptProcessor);
  frontendProcessor.listen(WITHIN.processor, processor.acceptFrontend);
  return { frontend, processor, database, broadcaster };
}

/** Stages that cannot start in their directories leave no locks there. */
function composeOrRelease(...args: Parameters<typeof composeStages>): FusedStages {
  try {
    return composeStages(...args);
  } catch (error) {
    releaseDirectories(args[1]);
    throw error;
  }
}

/** Starts a replica as this process: its four stages, with links that are plain calls. */
export async function startReplica(
  configuration: ReplicaConfiguration,
  { log, failed }: Surroundings,
): Promise<Running> {
  const { addresses, limits } = configuration;
  const server = await startStageServer(addresses.client, '"addresses.client"', configuration);
  try {
    const directories = openDirectories(configuration);
    const { frontend, processor, database, broadcaster } = composeOrRelease(
      configuration,
      directories,
      (stage) => stageSurroundings(log, stage, failed),
    );
    servePublicApi(server.server, publicApi(frontend, limits));
    server.describe(PUBLIC_SERVICES, frontend);
    const stages = {
      'zab-broadcaster': broadcaster,
      'replicated-database': database,
      'request-processor': processor,
      'session-frontend': frontend,
    };
    for (const stage of Object.values(stages)) stage.start();
    return {
      addresses: { client: server.address },
      health: () => healthOf(stages),
      status: () => statusOf(stages),
      async stop() {
        for (const stage of Object.values(stages).reverse()) await stage.stop();
        await server.stop();
        releaseDirectories(directories);
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
