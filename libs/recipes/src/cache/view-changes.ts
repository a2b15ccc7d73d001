import type { Zxid } from '@paddock/client';
import { isSameState } from './cached-znode.ts';
import type { CachedZnode } from './cached-znode.ts';

/** What has become of a znode of a view. */
export type ViewChange =
  | { readonly kind: 'added'; readonly znode: CachedZnode; readonly zxid: Zxid }
  | {
      readonly kind: 'changed';
      readonly znode: CachedZnode;
      readonly before: CachedZnode;
      readonly zxid: Zxid;
    }
  /** The znode as it was last told of. */
  | { readonly kind: 'removed'; readonly znode: CachedZnode; readonly zxid: Zxid };

/** What is viewed, and what ends with it. */
export interface ViewedTree {
  readonly zxid: Zxid;
  get(path: string): CachedZnode | undefined;
}

/**
 * The changes of a view, for `for await`: first all that is there, then what has changed since it was last told. Who
 * takes them slowly is told what has become of a znode, and not all that it was meanwhile, so that what waits is never
 * more than the view has znodes. It ends when the view is closed, and fails as the view does.
 */
export class ViewChanges implements AsyncIterableIterator<ViewChange, undefined> {
  readonly #view: ViewedTree;
  readonly #stopped: (changes: ViewChanges) => void;
  /** Of each path that may differ: what was told of it. */
  readonly #told = new Map<string, CachedZnode | undefined>();
  #wake: () => void = () => undefined;
  #end: { readonly error: Error | null } | null = null;

  constructor(view: ViewedTree, paths: Iterable<string>, stopped: (changes: ViewChanges) => void) {
    this.#view = view;
    this.#stopped = stopped;
    for (const path of paths) this.#told.set(path, undefined);
  }

  /** Whether what was taken comes to what the view shows. */
  get isUpToDate(): boolean {
    return [...this.#told].every(([path, before]) => isSameState(before, this.#view.get(path)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ViewChange, undefined>> {
    for (;;) {
      const value = this.#take();
      if (value !== null) return { done: false, value };
      if (this.#end !== null) return this.#ended(this.#end.error);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  return(): Promise<IteratorResult<ViewChange, undefined>> {
    this.#told.clear();
    this.end(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Called by the view, with what it was before. */
  differs(path: string, before: CachedZnode | undefined): void {
    if (!this.#told.has(path)) this.#told.set(path, before);
    this.#wake();
  }

  /** Called by the view when it is over. */
  end(error: Error | null): void {
    this.#stopped(this);
    this.#end ??= { error };
    this.#wake();
  }

  #take(): ViewChange | null {
    for (const [path, before] of this.#told) {
      this.#told.delete(path);
      const { zxid } = this.#view;
      const znode = this.#view.get(path);
      if (znode === undefined) {
        if (before !== undefined) return { kind: 'removed', znode: before, zxid };
      } else if (before === undefined) return { kind: 'added', znode, zxid };
      else if (!isSameState(before, znode)) return { kind: 'changed', znode, before, zxid };
    }
    return null;
  }

  /** An error is thrown once. */
  #ended(error: Error | null): IteratorResult<ViewChange, undefined> {
    this.#end = { error: null };
    if (error !== null) throw error;
    return { done: true, value: undefined };
  }
}
