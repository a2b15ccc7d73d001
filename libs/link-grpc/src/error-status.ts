// A refusal of the domain as the status of a unary call.
import { Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { google, paddock } from '@paddock/contracts';
import { counterOf, epochOf, shortened } from '@paddock/model';
import type { ErrorCode, ReachedLimit, Refusal as Refused, Zxid } from '@paddock/model';
import { zxidOf } from './wire/fields.ts';
import { readLimit, refusalOf as refusalFrom, writeLimit } from './wire/reached-limit.ts';
import { errorCodes } from './wire/words.ts';
import { toBuffer } from './buffer.ts';

/** The one table of it. The ErrorDetail says more exactly what the status only hints at. */
export const STATUS_OF_ERROR: Readonly<Record<ErrorCode, status>> = {
  systemError: status.INTERNAL,
  // Whether the operation took effect is not known.
  connectionLoss: status.UNKNOWN,
  marshallingError: status.INVALID_ARGUMENT,
  unimplemented: status.UNIMPLEMENTED,
  operationTimeout: status.DEADLINE_EXCEEDED,
  badArguments: status.INVALID_ARGUMENT,
  unknownSession: status.FAILED_PRECONDITION,
  noNode: status.NOT_FOUND,
  noAuth: status.PERMISSION_DENIED,
  // A test-and-set that lost: read again, then write again.
  badVersion: status.ABORTED,
  noChildrenForEphemerals: status.FAILED_PRECONDITION,
  nodeExists: status.ALREADY_EXISTS,
  notEmpty: status.FAILED_PRECONDITION,
  sessionExpired: status.FAILED_PRECONDITION,
  sessionMoved: status.FAILED_PRECONDITION,
  invalidAcl: status.INVALID_ARGUMENT,
  authFailed: status.UNAUTHENTICATED,
  notReadOnly: status.UNAVAILABLE,
  quotaExceeded: status.RESOURCE_EXHAUSTED,
  throttled: status.RESOURCE_EXHAUSTED,
  sequenceMismatch: status.FAILED_PRECONDITION,
  notServing: status.UNAVAILABLE,
  compacted: status.OUT_OF_RANGE,
  tooLarge: status.INVALID_ARGUMENT,
  guardFailed: status.FAILED_PRECONDITION,
};

const DETAILS = 'grpc-status-details-bin';
const DETAIL_TYPE = 'type.googleapis.com/paddock.client.v1.ErrorDetail';

/**
 * Trailers have little room: gRPC's own libraries take 8 KiB, and break the call or the connection where there is more.
 * A unit of text takes up to three bytes of a detail, of which four make three, and up to nine of the message. Whoever
 * called knows the path in full.
 */
const REASON_MAX = 256;
const PATH_MAX = 256;
const PATH_IN_MESSAGE_MAX = 128;
/** The znode of a limit is the one of the path, or above it. */
const LIMIT_PATH_MAX = 96;

/** What a refusal was about. */
export interface Refusal {
  readonly failed: Refused;
  /** Empty where the call named none. */
  readonly path: string;
  /** The zxid at which it is true, ZXID_ZERO where there is none. */
  readonly zxid: Zxid;
}

/** The status and its trailers, as a handler of grpc-js answers with them. */
export function errorStatus(refusal: Refusal): StatusObject {
  const { failed, path, zxid } = refusal;
  const code = STATUS_OF_ERROR[failed.code];
  const { limit, retryAfterMs = 0 } = failed;
  const details = messageOf(refusal);
  const detail = paddock.client.v1.ErrorDetail.encode({
    code: errorCodes.write(failed.code),
    reason: shortened(failed.reason, REASON_MAX),
    path: shortened(path, PATH_MAX),
    zxidEpoch: epochOf(zxid),
    zxidCounter: counterOf(zxid),
    limit: limit === undefined ? null : limitOf(limit),
    retryAfterMs,
  }).finish();
  const metadata = new Metadata();
  metadata.set(
    DETAILS,
    toBuffer(
      google.rpc.Status.encode({
        code,
        message: details,
        details: [{ type_url: DETAIL_TYPE, value: detail }],
      }).finish(),
    ),
  );
  return { code, details, metadata };
}

function limitOf(limit: ReachedLimit): ReturnType<typeof writeLimit> {
  return writeLimit({ ...limit, path: shortened(limit.path, LIMIT_PATH_MAX) });
}

function messageOf({ failed, path }: Refusal): string {
  const about =
    path === '' ? failed.code : `${failed.code}: ${shortened(path, PATH_IN_MESSAGE_MAX)}`;
  return failed.reason === '' ? about : `${about}: ${shortened(failed.reason, REASON_MAX)}`;
}

/** The refusal in the trailers of a call that failed; undefined where gRPC itself has failed it. */
export function refusalOf(error: ServiceError): Refusal | undefined {
  const bytes = error.metadata.get(DETAILS)[0];
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    for (const any of google.rpc.Status.decode(bytes).details) {
      if (any.type_url !== DETAIL_TYPE || !any.value) continue;
      const wire = paddock.client.v1.ErrorDetail.decode(any.value);
      return {
        failed: refusalFrom(
          errorCodes.read(wire.code),
          wire.reason,
          undefined,
          wire.limit === null || wire.limit === undefined ? undefined : readLimit(wire.limit),
          wire.retryAfterMs,
        ),
        path: wire.path,
        zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'error zxid'),
      };
    }
  } catch {
    // Details of another kind: the status itself still tells what can be told.
  }
  return undefined;
}
