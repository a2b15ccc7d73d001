import { counterOf, epochOf, isEpoch, makeZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';

/** `snapshot.<epoch>.<counter>` in hexadecimal of fixed width, so that names sort as zxids do. */

const NAME = /^snapshot\.([0-9a-f]{6})\.([0-9a-f]{8})$/;
const MEMORY = '.memory';
const UNFINISHED = /^snapshot\.[0-9a-f]{6}\.[0-9a-f]{8}\.\d+\.tmp$/;

export function snapshotName(zxid: Zxid): string {
  const epoch = epochOf(zxid).toString(16).padStart(6, '0');
  return `snapshot.${epoch}.${counterOf(zxid).toString(16).padStart(8, '0')}`;
}

/** `attempt` keeps one that was abandoned, and is not closed yet, apart from the next of the same zxid. */
export function unfinishedName(zxid: Zxid, attempt: number): string {
  return `${snapshotName(zxid)}.${attempt}.tmp`;
}

/** The zxid of a finished snapshot, undefined for every other file. */
export function zxidOfName(name: string): Zxid | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const epoch = Number.parseInt(match[1] ?? '', 16);
  return isEpoch(epoch) ? makeZxid(epoch, Number.parseInt(match[2] ?? '', 16)) : undefined;
}

/** A file that is kept as evidence: neither a snapshot nor unfinished (H22). */
export function evidenceName(name: string): string {
  return `evidence.${name}`;
}

/** Of what was in memory when it was found to be wrong. */
export function memoryEvidenceName(zxid: Zxid): string {
  return `${evidenceName(snapshotName(zxid))}${MEMORY}`;
}

export function isMemoryEvidence(name: string): boolean {
  return name.startsWith(evidenceName('')) && name.endsWith(MEMORY);
}

export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}
