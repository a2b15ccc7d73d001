import { aclBytes, requestHash, transactionBytes, trustedPath, unreachable } from '@paddock/model';
import type {
  ClientOperation,
  Outcome,
  TransactionOperation,
  WriteOperation,
} from '@paddock/model';

/** Bytes of an operation's fixed parts, rounded up. */
const FIXED_BYTES = 32;

/** An upper bound of the operation's size on the wire. */
export function operationBytes(operation: ClientOperation): number {
  switch (operation.kind) {
    case 'create':
      return (
        FIXED_BYTES + 3 * (operation.path.length + aclBytes(operation.acl)) + operation.data.length
      );
    case 'setData':
      return FIXED_BYTES + 3 * operation.path.length + operation.data.length;
    case 'setAcl':
      return FIXED_BYTES + 3 * (operation.path.length + aclBytes(operation.acl));
    case 'addAuth':
      return FIXED_BYTES + 3 * operation.scheme.length + operation.credential.length;
    case 'delete':
    case 'getData':
    case 'exists':
    case 'getChildren':
    case 'countDescendants':
    case 'getQuotas':
    case 'setQuota':
    case 'getSubtree':
    case 'getEphemerals':
    case 'listSessions':
    case 'getAcl':
    case 'can':
      return FIXED_BYTES + 3 * operation.path.length;
    case 'getChildrenPage':
    case 'getWatches':
      return FIXED_BYTES + 3 * (operation.path.length + operation.after.length);
    case 'readMany':
      return operation.reads.reduce(
        (sum, it) => sum + FIXED_BYTES + 3 * it.path.length,
        FIXED_BYTES,
      );
    case 'transaction':
      return FIXED_BYTES + 3 * transactionBytes(operation);
    case 'closeSession':
    case 'sync':
    case 'whoAmI':
    case 'unknown':
      return FIXED_BYTES;
    default:
      return unreachable(operation);
  }
}

const LISTINGS: readonly string[] = ['getChildren', 'getEphemerals', 'getQuotas', 'readMany'];

/** Whether the answer has as many names or paths as there are. */
export function isListing({ kind }: ClientOperation): boolean {
  return LISTINGS.includes(kind);
}

/** True if the recorded outcome is that of this write, and not of another one under its sequence (H21). */
export function isOutcomeOf(operation: ClientOperation, outcome: Outcome): boolean {
  const write = asWrite(operation);
  if (write === null) return false;
  if (requestHash(write) === outcome.requestHash) return true;
  // A write that the front-end found bad was recorded as a refusal (H2).
  const { result } = outcome;
  if (result.kind !== 'failed') return false;
  return requestHash({ kind: 'refused', code: result.code, reason: '' }) === outcome.requestHash;
}

function asWrite(operation: ClientOperation): WriteOperation | TransactionOperation<string> | null {
  switch (operation.kind) {
    case 'create':
    case 'setData':
    case 'delete':
    case 'setQuota':
    case 'setAcl':
      // The service has checked the path before it hashed the write, or has refused the write.
      return { ...operation, path: trustedPath(operation.path) };
    case 'transaction':
    case 'closeSession':
      return operation;
    default:
      return null;
  }
}
