/**
 * The refusals of the domain: values in replies, never exceptions inside a stage. The numbers are ZooKeeper's, so that
 * both faces of the service speak of one thing.
 */
export const ERROR_CODES = {
  systemError: -1,
  connectionLoss: -4,
  marshallingError: -5,
  unimplemented: -6,
  operationTimeout: -7,
  badArguments: -8,
  unknownSession: -12,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidAcl: -114,
  authFailed: -115,
  sessionMoved: -118,
  notReadOnly: -119,
  quotaExceeded: -125,
  throttled: -127,
  /** Paddock's own, below ZooKeeper's range: an outcome that belongs to another request under the same sequence. */
  sequenceMismatch: -201,
  /** The replica cannot serve now; another one, or this one later, can. */
  notServing: -202,
  /** The event history no longer reaches back to the named zxid. */
  compacted: -203,
  /** The request, or the transaction made from it, is larger than the configured limit. */
  tooLarge: -204,
  /** The lock that a write was guarded by is not held any more; nothing was changed. */
  guardFailed: -205,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

const NAMES = new Map<number, ErrorCode>(
  (Object.keys(ERROR_CODES) as ErrorCode[]).map((name) => [ERROR_CODES[name], name]),
);

export function errorCodeNumber(code: ErrorCode): number {
  return ERROR_CODES[code];
}

export function errorCodeFromNumber(value: number): ErrorCode | undefined {
  return NAMES.get(value);
}
