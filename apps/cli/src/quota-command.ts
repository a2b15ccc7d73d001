import { formatZxid } from '@paddock/client';
import type { Quota, QuotaUse } from '@paddock/client';
import { withClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';
import { readOptionsOf } from './read-flags.ts';
import type { ReadFlags } from './read-flags.ts';

export interface QuotaFlags extends ReadFlags {
  readonly count?: number;
  readonly softCount?: number;
  readonly bytes?: number;
  readonly softBytes?: number;
  readonly remove?: boolean;
}

/** Lists the quotas of the znode and of all below it; with limits sets its own. */
export function quota(context: CommandContext, path: string, flags: QuotaFlags): Promise<void> {
  const { output } = context;
  const limits = limitsOf(flags);
  return withClient(context, async (client) => {
    if (flags.remove === true || Object.keys(limits).length > 0) {
      const { zxid } = await client.setQuota(path, limits);
      output.result({ path, zxid: formatZxid(zxid) }, `${path} at ${formatZxid(zxid)}`);
      return;
    }
    const { quotas, zxid } = await client.quotas(path, readOptionsOf(flags));
    if (output.isJson) {
      output.line(JSON.stringify({ path, quotas, zxid: formatZxid(zxid) }));
      return;
    }
    for (const use of quotas) output.line(lineOf(use));
    if (quotas.length === 0) output.note('there are no quotas');
  });
}

function limitsOf({ count, softCount, bytes, softBytes }: QuotaFlags): Partial<Quota> {
  return {
    ...(count === undefined ? {} : { countHard: count }),
    ...(softCount === undefined ? {} : { countSoft: softCount }),
    ...(bytes === undefined ? {} : { bytesHard: bytes }),
    ...(softBytes === undefined ? {} : { bytesSoft: softBytes }),
  };
}

function lineOf({ path, quota: limits, count, bytes }: QuotaUse): string {
  const znodes = shareOf(count, limits.countHard, limits.countSoft);
  return `${path}  ${znodes} znodes  ${shareOf(bytes, limits.bytesHard, limits.bytesSoft)} bytes`;
}

function shareOf(value: number, hard: number, soft: number): string {
  const limits = [...(hard > 0 ? [String(hard)] : []), ...(soft > 0 ? [`soft ${soft}`] : [])];
  const most = limits.length === 0 ? '' : ` of ${limits.join(', ')}`;
  return `${value}${most}${soft > 0 && value > soft ? ' (exceeded)' : ''}`;
}
