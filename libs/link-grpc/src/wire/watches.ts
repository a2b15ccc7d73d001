// Watches and their events: the same messages for clients and between stages.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { WatchEvent, WatchRegistration, WatchTerms, ZnodePath } from '@paddock/model';
import { presentOf, stagePathOf, word, zxidOf, type Field } from './fields.ts';
import { eventKinds, watchKinds } from './words.ts';

type WireEvent = paddock.client.v1.WatchEvent.$Properties;
type WireTerms = paddock.client.v1.WatchTerms.$Properties;
type WireWatch = paddock.client.v1.WatchRegistration.$Properties;

/** How much a path is trusted: as it comes from a client, or from another stage. */
export type PathOf = (value: Field<string>, field: string) => ZnodePath;

export function writeEvent(event: WatchEvent): WireEvent {
  return {
    kind: eventKinds.write(event.kind),
    path: event.path,
    zxidEpoch: epochOf(event.zxid),
    zxidCounter: counterOf(event.zxid),
  };
}

export function readEvent(field: Field<WireEvent>): WatchEvent {
  const wire = presentOf(field, 'event');
  return {
    kind: eventKinds.read(wire.kind),
    path: stagePathOf(wire.path, 'event path'),
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'event zxid'),
  };
}

export function writeTerms(terms: WatchTerms | undefined): WireTerms | null {
  if (terms === undefined) return null;
  const { kinds, depth, withStat, withData, progressMs } = terms;
  return { kinds: kinds.map((it) => eventKinds.write(it)), depth, withStat, withData, progressMs };
}

export function readWatchTerms(wire: Field<WireTerms>): WatchTerms | undefined {
  if (wire === null || wire === undefined) return undefined;
  return {
    kinds: (wire.kinds ?? []).map((it) => eventKinds.read(it)),
    depth: word(wire.depth),
    withStat: wire.withStat ?? false,
    withData: wire.withData ?? false,
    progressMs: word(wire.progressMs),
  };
}

export function writeWatches(watches: readonly WatchRegistration[]): WireWatch[] {
  const wire: WireWatch[] = [];
  for (const watch of watches) {
    wire.push({
      path: watch.path,
      kind: watchKinds.write(watch.kind),
      fromEpoch: epochOf(watch.from),
      fromCounter: counterOf(watch.from),
    });
  }
  return wire;
}

export function readWatches(
  field: Field<readonly WireWatch[]>,
  pathOf: PathOf,
): WatchRegistration[] {
  const watches: WatchRegistration[] = [];
  for (const wire of field ?? []) {
    watches.push({
      path: pathOf(wire.path, 'watch path'),
      kind: watchKinds.read(wire.kind),
      from: zxidOf(wire.fromEpoch, wire.fromCounter, 'watch from'),
    });
  }
  return watches;
}
