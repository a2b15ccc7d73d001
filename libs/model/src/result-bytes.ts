import { aclBytes } from './acl.ts';
import type { OperationResult } from './links/session-stream.ts';
import type { ReadResult } from './operation.ts';
import { quotaCost } from './quota.ts';
import type { TransactionResult } from './transaction-operation.ts';

const FIXED_BYTES = 64;
const NAME_BYTES = 32;

/** What a result may take beside a stat, about: for bounds of memory and of messages. */
export function resultBytes(result: OperationResult | TransactionResult): number {
  switch (result.kind) {
    case 'data':
      return result.data.length;
    case 'children':
    case 'childrenPage':
      return NAME_BYTES * result.children.length;
    case 'ephemerals':
      return result.paths.reduce((sum, path) => sum + NAME_BYTES + path.length, 0);
    case 'sessions':
      return FIXED_BYTES * result.sessions.length;
    case 'watches':
      return result.watches.reduce((sum, { path }) => sum + NAME_BYTES + path.length, 0);
    case 'quotas':
      return result.quotas.reduce((sum, { path }) => sum + quotaCost(path), 0);
    case 'acl':
      return aclBytes(result.acl);
    case 'created':
      return result.path.length;
    case 'failed':
      return result.reason.length;
    case 'subtree':
      return result.znodes.reduce(
        (sum, { path, data }) => sum + 2 * FIXED_BYTES + path.length + data.length,
        FIXED_BYTES,
      );
    case 'many':
    case 'transacted':
      return result.results.reduce((sum, it) => sum + FIXED_BYTES + resultBytes(it), 0);
    default:
      return 0;
  }
}

/** What the answer to a read takes, about; `fixedBytes`: what each has, and whatever it lists has about. */
export function answerBytes(result: ReadResult, fixedBytes: number): number {
  switch (result.kind) {
    case 'sessions':
      return fixedBytes * (1 + result.sessions.length);
    case 'many':
      return result.results.reduce((sum, it) => sum + answerBytes(it, fixedBytes), fixedBytes);
    case 'subtree':
      return resultBytes(result);
    case 'failed':
      return fixedBytes;
    default:
      return fixedBytes + resultBytes(result);
  }
}
