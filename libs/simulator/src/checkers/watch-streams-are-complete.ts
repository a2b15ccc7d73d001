import { formatZxid, PLAIN_WATCH, trustedPath } from '@paddock/model';
import type { WatchEvent } from '@paddock/model';
import type { WatchStreamRecord } from '../record/history.ts';
import type { CheckedRun } from './checked-run.ts';
import { WatchedChanges } from './watched-changes.ts';

/** P9: a watch without a session tells every event of its path behind its start, in order, and nothing else. */
export function watchStreamsAreComplete({ history, log }: CheckedRun): string[] {
  const changes = new WatchedChanges(log);
  return history.watchStreams.flatMap((stream) => checkStream(stream, changes));
}

function checkStream(stream: WatchStreamRecord, changes: WatchedChanges): string[] {
  const { path, terms = PLAIN_WATCH, opened, events, isOpen } = stream;
  if (opened === null) {
    return events.length > 0 ? [`a watch of ${path} tells before it is open`] : [];
  }
  const told = withoutRepeats(events.map(textOf));
  const happened = withoutRepeats(
    changes.toldOn(terms, trustedPath(path), opened).map((it) => textOf({ ...it, kind: it.event })),
  );
  const name = `the watch of ${path} behind ${formatZxid(opened)}`;
  const wrong = told.findIndex((text, i) => text !== happened[i]);
  if (wrong >= 0) {
    return [`${name} tells ${told[wrong] ?? ''} where ${happened[wrong] ?? 'nothing'} is due`];
  }
  const missing = happened[told.length];
  // One that has ended goes on in another one.
  return isOpen && missing !== undefined ? [`${name} never tells ${missing}`] : [];
}

function textOf({ kind, path, zxid }: WatchEvent): string {
  return `${kind} ${path}@${formatZxid(zxid)}`;
}

/** One transaction may remove several children: that is told once for each, or once. */
function withoutRepeats(texts: readonly string[]): string[] {
  return texts.filter((text, i) => text !== texts[i - 1]);
}
