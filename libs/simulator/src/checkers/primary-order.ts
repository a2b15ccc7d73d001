import { epochOf, follows, formatZxid, ZXID_ZERO } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/** Zab, local primary order: of one primary's proposals none is delivered without the one before it. */
export function localPrimaryOrder({ log }: CheckedRun): string[] {
  return gaps({ log }, true);
}

/** Zab, global primary order: what earlier primaries proposed is delivered before what later ones did. */
export function globalPrimaryOrder({ log }: CheckedRun): string[] {
  return gaps({ log }, false);
}

function gaps({ log }: Pick<CheckedRun, 'log'>, isLocal: boolean): string[] {
  const violations: string[] = [];
  let previous = ZXID_ZERO;
  for (const { zxid } of log.entries) {
    const isSamePrimary = epochOf(previous) === epochOf(zxid);
    if (isSamePrimary === isLocal && !follows(previous, zxid)) {
      violations.push(`${formatZxid(zxid)} is delivered right behind ${formatZxid(previous)}`);
    }
    previous = zxid;
  }
  return violations;
}
