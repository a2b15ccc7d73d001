export { formatAddress, isAnyHost, parseAddress } from './address.ts';
export type { HostPort } from './address.ts';
export { startAdminServer } from './admin-server.ts';
export type { AdminHandlers, AdminServer, HealthReport } from './admin-server.ts';
export { parseConfiguration, readConfiguration } from './configuration.ts';
export type {
  ConfigurationFile,
  ConfigurationOverrides,
  ReplicaConfiguration,
} from './configuration.ts';
export {
  assertWritable,
  DATA_FORMAT,
  makeDirectory,
  guardStageDirectory,
  openStageDirectory,
} from './data-directory.ts';
export type { DirectoryIdentity, DurableStage, StageDirectory } from './data-directory.ts';
export { DEFAULT_PORTS, defaultAddress, ENDPOINTS, LOOPBACK } from './default-addresses.ts';
export type { Endpoint } from './default-addresses.ts';
export { assertUnlocked, lockDirectory, lockHolder } from './directory-lock.ts';
export { ensembleSchema } from './ensemble-members.ts';
export type { EnsembleMember } from './ensemble-members.ts';
export { runProgram, stopRequested } from './life-cycle.ts';
export type { Startable } from './life-cycle.ts';
export { logStageEvent, makeLogger, prettyLine } from './logger.ts';
export type { Logger } from './logger.ts';
export { assertPortFree, listenError } from './listen-error.ts';
export { NODE_CLOCK } from './node-clock.ts';
export { NodeDisk } from './node-disk.ts';
export { NODE_RANDOM, SHA1_BASE64, SHA256 } from './node-random.ts';
export { NODE_TIMERS } from './node-timers.ts';
export { OperatorError } from './operator-error.ts';
export { isStageName, STAGE_NAMES } from './stage-name.ts';
export type { StageName } from './stage-name.ts';
export { reasonOf, systemCodeOf, traceOf } from './thrown.ts';
export { TOKEN_ALGORITHMS } from './token-settings.ts';
export type { TokenAlgorithm, TokenSettings } from './token-settings.ts';
export type { ClientsTls, LinksTls, ReplicaTls } from './tls-files.ts';
