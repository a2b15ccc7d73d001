import { isAbove, isNoQuota, trustedPath } from '@paddock/model';
import type { Quota, QuotaUse } from '@paddock/model';

type Znodes = ReadonlyMap<string, { readonly data: Uint8Array }>;

/** Quotas, counted by looking at every znode. */
export class ReferenceQuotas {
  readonly #znodes: Znodes;
  readonly #quotas = new Map<string, Quota>();

  constructor(znodes: Znodes) {
    this.#znodes = znodes;
  }

  set(path: string, quota: Quota): void {
    if (isNoQuota(quota)) this.#quotas.delete(path);
    else this.#quotas.set(path, quota);
  }

  /** With its znode. */
  end(path: string): void {
    this.#quotas.delete(path);
  }

  copy(): ReadonlyMap<string, Quota> {
    return new Map(this.#quotas);
  }

  restore(copy: ReadonlyMap<string, Quota>): void {
    this.#quotas.clear();
    for (const [path, quota] of copy) this.#quotas.set(path, quota);
  }

  uses(path: string): QuotaUse[] {
    return [...this.#quotas]
      .filter(([at]) => isWithin(at, path))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([at, quota]) => ({ path: trustedPath(at), quota, ...this.#use(at) }));
  }

  wouldExceed(path: string, count: number, bytes: number): boolean {
    return [...this.#quotas].some(([at, { countHard, bytesHard }]) => {
      if (!isWithin(path, at)) return false;
      const use = this.#use(at);
      if (count > 0 && isAbove(use.count + count, countHard)) return true;
      return bytes > 0 && isAbove(use.bytes + bytes, bytesHard);
    });
  }

  #use(path: string): { count: number; bytes: number } {
    const within = [...this.#znodes].filter(([it]) => isWithin(it, path));
    return { count: within.length, bytes: within.reduce((sum, [, it]) => sum + it.data.length, 0) };
  }
}

function isWithin(path: string, top: string): boolean {
  return path === top || path.startsWith(top === '/' ? '/' : `${top}/`);
}
