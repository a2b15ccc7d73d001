import {
  makeLogger,
  OperatorError,
  parseConfiguration,
  readConfiguration,
  startAdminServer,
  stopRequested,
} from '@paddock/node-runtime';
import type { Endpoint, HealthReport, StageName } from '@paddock/node-runtime';
import { startReplica } from './fused-replica.ts';
import type { Running } from './running.ts';
import { adminEndpoint, startStage } from './split-stage.ts';

/** What a process that serves tells the one that supervises it, once it listens. */
export interface ListeningMessage {
  readonly kind: 'listening';
  /** By endpoint, with the ports that the system chose. */
  readonly addresses: Readonly<Partial<Record<string, string>>>;
  readonly admin: string;
}

/** The same where it cannot start, in the words of an OperatorError: the supervisor tells the person, once. */
export interface RefusedMessage {
  readonly kind: 'refused';
  readonly reason: string;
}

export interface ForegroundOptions {
  /** A configuration file; undefined takes every default. */
  readonly configuration: string | undefined;
  /** Undefined runs the whole replica, fused. */
  readonly stage: StageName | undefined;
  /** Address of the admin server instead of the configuration's. */
  readonly admin: string | undefined;
  /** Allows addresses beyond loopback without TLS, whatever the configuration says. */
  readonly insecure: boolean;
}

const STARTING: HealthReport = { serving: false, waitingFor: ['its own start'] };

function adminEndpointOf(stage: StageName | undefined): Endpoint {
  return stage === undefined ? 'admin' : adminEndpoint(stage);
}

/**
 * Runs one replica, or one stage of it, as this process, until it is asked to stop (0) or can't go on (1). Throws an
 * OperatorError for what the person can put right.
 */
export async function runForeground(options: ForegroundOptions): Promise<number> {
  try {
    return await run(options);
  } catch (error) {
    if (!(error instanceof OperatorError) || process.send === undefined) throw error;
    const message: RefusedMessage = { kind: 'refused', reason: error.message };
    await new Promise((resolve) => process.send?.(message, resolve));
    return 1;
  } finally {
    if (process.connected) process.disconnect();
  }
}

async function run(options: ForegroundOptions): Promise<number> {
  const overrides = options.insecure ? { insecure: true } : {};
  const configuration =
    options.configuration === undefined
      ? parseConfiguration({}, 'the defaults')
      : readConfiguration(options.configuration, overrides);
  const log = makeLogger({ replica: configuration.replica });
  let failed: (reason: string) => void = () => undefined;
  const failure = new Promise<string>((resolve) => (failed = resolve));
  let running: Running | undefined;
  const endpoint = adminEndpointOf(options.stage);
  // Before the stages, so that a port in use leaves no trace.
  const admin = await startAdminServer(
    options.admin ?? configuration.addresses[endpoint],
    {
      health: () => running?.health() ?? STARTING,
      status: () => ({
        replica: configuration.replica,
        pid: process.pid,
        endpoints: { ...running?.addresses, admin: admin.address },
        ...(running?.status() ?? { stages: {} }),
      }),
    },
    `"addresses.${endpoint}"`,
  );
  try {
    running = await (options.stage === undefined
      ? startReplica(configuration, { log, failed })
      : startStage(configuration, options.stage, { log, failed }));
    const message: ListeningMessage = {
      kind: 'listening',
      addresses: running.addresses,
      admin: admin.address,
    };
    log.info(
      { ...message.addresses, admin: admin.address, dataDirectory: configuration.dataDirectory },
      'listening',
    );
    process.send?.(message);
    // The parent is gone without a word: nobody would ever stop this process.
    process.once('disconnect', () => failed('the process that supervises this one is gone'));
    const end = await Promise.race([
      stopRequested().then((signal) => ({ code: 0, reason: `asked to stop by ${signal}` })),
      failure.then((reason) => ({ code: 1, reason })),
    ]);
    log[end.code === 0 ? 'info' : 'error']({ reason: end.reason }, 'stopping');
    return end.code;
  } finally {
    admin.close();
    await running?.stop();
  }
}
