import { PaddockError } from '@paddock/client';
import type { Client, ClientWatchEvent, WatcherOptions } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { untilAnswered } from './until-answered.ts';

export interface Watching extends WatcherOptions {
  /** Events that do not matter change nothing of what is looked for. */
  readonly matters?: (event: ClientWatchEvent) => boolean;
}

/**
 * Looks, and looks again after changes that the watch tells of, until that comes to something. The watch is there
 * before the first look, so that no change is missed; what has changed during a look is one reason to look again.
 */
export async function untilFound<T>(
  client: Client,
  path: string,
  look: () => Promise<T | null>,
  signal?: AbortSignal,
  { matters = () => true, ...options }: Watching = {},
): Promise<T> {
  const opening = untilAnswered(client, signal, () => client.watch(path, options));
  const news = { isThere: false, isOver: false, wake: (): void => undefined };
  const isOver = (): boolean => news.isOver;
  const hasNews = (): boolean => news.isThere || news.isOver;
  try {
    const watcher = await unlessAborted(signal, opening);
    const listening = async (): Promise<void> => {
      for await (const event of watcher) {
        if (!matters(event)) continue;
        news.isThere = true;
        news.wake();
      }
      news.isOver = true;
      news.wake();
    };
    void listening();
    for (;;) {
      news.isThere = false;
      const isLast = isOver();
      const found = await unlessAborted(signal, look());
      if (found !== null) return found;
      if (isLast) throw new PaddockError('sessionExpired', path, 'the session of a watch is over');
      if (hasNews()) continue;
      await unlessAborted(signal, new Promise<void>((resolve) => (news.wake = resolve)));
    }
  } finally {
    opening.then(
      (watcher) => watcher.close(),
      () => undefined,
    );
  }
}
