import { encodeText, formatZxid } from '@paddock/model';
import type { StageEvent } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { Contradiction } from '@paddock/tree-core';
import type { SnapshotFiles } from '@paddock/txn-log';

/** How a database came to differ from a majority is to be found out from what it had on disk (H22). */
export function keepEvidence(
  { zxid, digest, agreed, applied }: Contradiction,
  files: SnapshotFiles,
  report: (event: StageEvent) => void,
): void {
  const told = {
    zxid: formatZxid(zxid),
    digest: Buffer.from(digest).toString('hex'),
    agreed: formatZxid(agreed),
    applied: formatZxid(applied),
  };
  try {
    const content = encodeText(`${JSON.stringify(told, undefined, 2)}\n`);
    const names = files.keepEvidence(agreed, zxid, content);
    const detail = { ...told, files: names.join(' ') };
    report({ level: 'error', message: 'evidence of a wrong database is kept', zxid, detail });
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    const detail = { ...told, reason: error.message };
    report({ level: 'error', message: 'evidence could not be kept', zxid, detail });
  }
}
