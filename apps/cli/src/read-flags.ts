import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { parseZxid } from '@paddock/client';
import type { ReadConsistency, ReadOptions, Zxid } from '@paddock/client';

/** What the reading commands have in common. */
export interface ReadFlags {
  readonly consistency?: ReadConsistency;
  readonly atLeast?: Zxid;
}

const CONSISTENCY_HELP =
  'local: as the replica has it (default); linearizable: with all that was acknowledged before; ' +
  'stale:500ms: at most so far behind';

export function withReadFlags(command: Command): Command {
  return command
    .option('--consistency <mode>', CONSISTENCY_HELP, parseConsistency)
    .option('--at-least <zxid>', 'no older than this zxid, as --json prints it', parseAtLeast);
}

export function readOptionsOf({ consistency, atLeast }: ReadFlags): ReadOptions {
  return {
    ...(consistency === undefined ? {} : { consistency }),
    ...(atLeast === undefined ? {} : { atLeast }),
  };
}

export function parseConsistency(text: string): ReadConsistency {
  if (text === 'local' || text === 'linearizable') return { kind: text };
  const [, amount, unit] = /^stale:(\d{1,6})(ms|s)$/.exec(text) ?? [];
  if (amount === undefined) {
    throw new InvalidArgumentError('It is local, linearizable or stale:TIME, as in stale:500ms.');
  }
  return { kind: 'boundedStaleness', ms: Number(amount) * (unit === 's' ? 1000 : 1) };
}

function parseAtLeast(text: string): Zxid {
  const zxid = parseZxid(text);
  if (zxid === undefined) throw new InvalidArgumentError('A zxid is epoch.counter, as in 1.42.');
  return zxid;
}
