import type { LoadPlan, LoadResult } from './load.ts';

/** What the benchmark asks of its driver process; each is answered once, in order. */
export type DriverRequest =
  /** Opens a session and creates what the workloads need, where that is wanted. */
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly address: string;
      readonly prepares: boolean;
    }
  /** Creates this many znodes. */
  | { readonly kind: 'fill'; readonly name: string; readonly znodes: number }
  | { readonly kind: 'load'; readonly name: string; readonly plan: LoadPlan }
  | { readonly kind: 'close'; readonly name: string };

export type DriverAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'loaded'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly reason: string };
