// A watch without a session, as its caller has it.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { ShownZnode, WatchEvent, WatchTerms, Zxid } from '@paddock/model';
import { readClientStat } from './client-values.ts';
import { frameBytesOf, zxidOf } from './fields.ts';
import { readEvent, writeTerms } from './watches.ts';
import { WireError } from './wire-error.ts';

export type WatchPart =
  | { readonly kind: 'event'; readonly event: WatchEvent; readonly shown: ShownZnode }
  /** Where it begins, and how far it is. */
  | { readonly kind: 'progress'; readonly zxid: Zxid };

export function writeWatchRequest(
  path: string,
  from: Zxid,
  terms: WatchTerms,
): paddock.client.v1.WatchRequest.$Properties {
  const start = { fromEpoch: epochOf(from), fromCounter: counterOf(from) };
  return { path, ...start, terms: writeTerms(terms) };
}

export function readWatchPart(wire: paddock.client.v1.WatchResponse.$Shape): WatchPart {
  switch (wire.kind) {
    case 'opened':
      return progressAt(wire.opened);
    case 'progress':
      return progressAt(wire.progress);
    case 'event': {
      const { stat, data } = wire;
      const shown = {
        ...(stat === null || stat === undefined ? {} : { stat: readClientStat(stat) }),
        ...(data === null || data === undefined ? {} : { data: frameBytesOf(data, 'data') }),
      };
      return { kind: 'event', event: readEvent(wire.event), shown };
    }
    case undefined:
      throw new WireError('part of a watch', 'has no kind');
  }
}

function progressAt(wire: paddock.client.v1.WatchProgress.$Properties): WatchPart {
  return { kind: 'progress', zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'progress') };
}
