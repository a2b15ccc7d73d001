import { formatZxid } from '@paddock/model';
import type { OperationResult, SubtreeZnode, TransactionResult } from '@paddock/model';
import { describe } from '../record/describe.ts';
import type { OperationRecord, SessionRecord } from '../record/history.ts';

export function nameOfSession({ client, number }: SessionRecord): string {
  return `${client} session ${number}`;
}

export function nameOf({ session, index, operation, settlement }: OperationRecord): string {
  const answer = settlement === null ? 'unanswered' : `@${formatZxid(settlement.zxid)}`;
  return `${nameOfSession(session)} #${index} (${describe(operation)}, ${answer})`;
}

/** All that a result says, so that equal texts are equal results; the reason of a refusal is for people. */
export function textOf(result: OperationResult | TransactionResult): string {
  switch (result.kind) {
    case 'failed': {
      const { code, step } = result;
      return step === undefined ? `failed ${code}` : `failed ${code} at ${step.index} ${step.path}`;
    }
    case 'transacted':
      return `transacted ${result.succeeded} ${result.results.map(textOf).join('; ')}`;
    case 'subtree':
      return `subtree ${result.znodes.map(textOfZnode).sort().join('; ')}`;
    case 'many':
      return `many ${result.results.map(textOf).join('; ')}`;
    case 'data':
      return `data ${hex(result.data)} ${describe(result.stat)}`;
    case 'quotas':
      return `quotas ${result.quotas.map((it) => describe(it)).join(', ')}`;
    case 'ephemerals':
      return `ephemerals ${result.paths.join(',')}`;
    case 'childrenPage':
      return `page ${result.children.join(',')} ${result.more} ${describe(result.stat)}`;
    case 'children':
      return `children ${result.children.join(',')} ${describe(result.stat)}`;
    default:
      return describe(result);
  }
}

function textOfZnode({ path, data, stat }: SubtreeZnode): string {
  return `${path} ${hex(data)} ${describe(stat)}`;
}

function hex(bytes: Uint8Array): string {
  if (bytes.length > 64) return `${bytes.length} bytes of ${bytes[0] ?? 0} to ${bytes.at(-1) ?? 0}`;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
