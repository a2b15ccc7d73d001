import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';

export type TxnLogErrorDetail =
  /** A record before durable ones is bad: starting would lose what was acknowledged. */
  | {
      readonly code: 'damaged';
      readonly segment: string;
      readonly offset: number;
      readonly reason: string;
    }
  /** Written by a later version of the program (H24). */
  | { readonly code: 'newerFormat'; readonly file: string; readonly version: number }
  /** One of the small records is missing, cannot be read or contradicts the log. */
  | { readonly code: 'recordUnusable'; readonly file: string; readonly reason: string }
  /** A truncation into what was purged: entries that a verified snapshot has. */
  | { readonly code: 'purged'; readonly zxid: Zxid }
  /** A write or sync failed: what is durable is not known any more. */
  | { readonly code: 'diskFailed'; readonly file: string; readonly reason: string };

export class TxnLogError extends Error {
  override readonly name = 'TxnLogError';
  readonly detail: TxnLogErrorDetail;

  constructor(detail: TxnLogErrorDetail, options?: ErrorOptions) {
    super(sentence(detail), options);
    this.detail = detail;
  }

  static from(file: string, error: unknown): TxnLogError {
    if (error instanceof TxnLogError) return error;
    const full = error instanceof DiskError && error.code === 'full';
    const reason = error instanceof Error ? error.message : String(error);
    const detail = {
      code: 'diskFailed',
      file,
      reason: full ? `the disk is full: ${reason}` : reason,
    } as const;
    return new TxnLogError(detail, { cause: error });
  }
}

function sentence(detail: TxnLogErrorDetail): string {
  switch (detail.code) {
    case 'damaged':
      return (
        `log segment ${detail.segment} is damaged at byte ${detail.offset}, before entries that were ` +
        `acknowledged: ${detail.reason}. Restore the segment, or replace this replica's data directory`
      );
    case 'newerFormat':
      return `${detail.file} has format ${detail.version}: it was written by a later version`;
    case 'recordUnusable':
      return `${detail.file}: ${detail.reason}`;
    case 'purged':
      return `the log cannot end at ${formatZxid(detail.zxid)}: a snapshot has replaced what was there`;
    case 'diskFailed':
      return `${detail.file}: ${detail.reason}`;
  }
}
