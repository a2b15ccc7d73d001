import { crc32c } from '@paddock/codec';
import { formatZxid } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/** Zab, integrity: what is delivered was proposed by a primary, as it is. The first memberships nobody proposes. */
export function integrity({ broadcasts, log }: CheckedRun): string[] {
  const violations: string[] = [];
  for (const { zxid, entry } of log.entries) {
    const checksum = crc32c(entry.payload);
    const proposals = broadcasts.proposals.get(zxid) ?? [];
    if (proposals.some((it) => it.kind === entry.kind && it.checksum === checksum)) continue;
    const isFounding = entry.kind === 'configuration' && zxid === log.entries[0]?.zxid;
    // A restoration is the leader's own.
    if (isFounding || entry.kind === 'restoration') continue;
    violations.push(`${formatZxid(zxid)} (${entry.kind}) was delivered, and nobody proposed it`);
  }
  return violations;
}
