// Subtrees as of one zxid, as the generated classes have them.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { ClientSubtree, ReadResult, SubtreeZnode, Zxid } from '@paddock/model';
import { readClientStat, writeClientStat } from './client-values.ts';
import { readTermsOf, writeReadTerms } from './client-operation.ts';
import { bytesOf, count64Of, countOf, presentOf, stagePathOf, zxidOf } from './fields.ts';
import { readStat } from './stage-values.ts';
import { WireError } from './wire-error.ts';

type Subtree = Extract<ReadResult, { readonly kind: 'subtree' }>;

const DATA_BYTES_MAX = Number.MAX_SAFE_INTEGER;

export function readSubtree(wire: paddock.frontend_database.v1.Subtree.$Shape): Subtree {
  const znodes = (wire.znodes ?? []).map((it) => ({
    path: stagePathOf(it.path, 'subtree path'),
    data: bytesOf(it.data, DATA_BYTES_MAX, 'subtree data'),
    stat: readStat(it.stat),
  }));
  return {
    kind: 'subtree',
    snapshot: countOf(wire.snapshot, 'subtree snapshot'),
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'subtree zxid'),
    znodes,
    more: wire.more ?? false,
  };
}

/** What is asked for, but for the page. */
export function readSnapshotRequest(
  wire: paddock.client.v1.SnapshotRequest.$Properties,
): Omit<ClientSubtree, 'snapshot' | 'bytes'> {
  const atLeast = zxidOf(wire.atLeastEpoch, wire.atLeastCounter, 'at least');
  return {
    kind: 'getSubtree',
    ...readTermsOf(wire.path ?? '', atLeast, wire.stalenessMs, wire.linearizable),
  };
}

export function writeSnapshotRequest(
  request: Omit<ClientSubtree, 'snapshot' | 'bytes'>,
): paddock.client.v1.SnapshotRequest.$Properties {
  return { path: request.path, ...writeReadTerms(request) };
}

/** A part of what the rpc tells. */
export type SnapshotPart =
  | { readonly kind: 'begins'; readonly zxid: Zxid }
  | { readonly kind: 'znodes'; readonly znodes: readonly SubtreeZnode[] }
  | { readonly kind: 'ends'; readonly count: number };

export function writeSnapshotPart(
  part: SnapshotPart,
): paddock.client.v1.SnapshotResponse.$Properties {
  switch (part.kind) {
    case 'begins':
      return {
        begins: { zxidEpoch: epochOf(part.zxid), zxidCounter: counterOf(part.zxid) },
      };
    case 'znodes': {
      const znodes = part.znodes.map(({ path, data, stat }) => ({
        path,
        data,
        stat: writeClientStat(stat),
      }));
      return { znodes: { znodes } };
    }
    case 'ends':
      return { ends: { count: part.count } };
  }
}

export function readSnapshotPart(wire: paddock.client.v1.SnapshotResponse.$Shape): SnapshotPart {
  switch (wire.kind) {
    case 'begins': {
      const { zxidEpoch, zxidCounter } = wire.begins;
      return { kind: 'begins', zxid: zxidOf(zxidEpoch, zxidCounter, 'snapshot zxid') };
    }
    case 'znodes': {
      const znodes = (wire.znodes.znodes ?? []).map((it) => ({
        path: stagePathOf(it.path, 'snapshot path'),
        data: bytesOf(it.data, DATA_BYTES_MAX, 'snapshot data'),
        stat: readClientStat(presentOf(it.stat, 'snapshot stat')),
      }));
      return { kind: 'znodes', znodes };
    }
    case 'ends':
      return { kind: 'ends', count: count64Of(wire.ends.count, 'snapshot count') };
    case undefined:
      throw new WireError('part of a snapshot', 'has no kind');
  }
}
