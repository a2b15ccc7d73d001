/** A client's tokens, as they were at `atMs`: it has one for each request that it may make at once. */
interface Bucket {
  tokens: number;
  atMs: number;
}

/** Who was refused is told to come back for a tenth of a second's worth, and not for each single one. */
const WORTH_COMING_S = 0.1;

/** What sums of fractions may lack of a whole token: who comes back when told to gets it. */
const ROUNDING = 1e-6;

/**
 * How many requests each client may make: `perSecond` on average, and as many at once. Without a rate none is counted.
 * A client is whoever is known by one name.
 */
export class RequestRates {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  get isOn(): boolean {
    return this.#perSecond > 0;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Counts one request. 0: it may be made; else after how many milliseconds it may, and it is not counted. */
  take(client: string, nowMs: number): number {
    if (!this.isOn) return 0;
    let bucket = this.#buckets.get(client);
    if (bucket === undefined) {
      bucket = { tokens: this.#perSecond, atMs: nowMs };
      this.#buckets.set(client, bucket);
    }
    bucket.tokens = this.#tokensAt(bucket, nowMs);
    bucket.atMs = nowMs;
    if (bucket.tokens >= 1 - ROUNDING) {
      bucket.tokens--;
      return 0;
    }
    const wanted = Math.max(1, this.#perSecond * WORTH_COMING_S);
    return Math.ceil(((wanted - bucket.tokens) / this.#perSecond) * 1000);
  }

  /** Lets go of whoever has asked nothing for so long that nothing of it counts. */
  prune(nowMs: number): void {
    for (const [client, bucket] of this.#buckets) {
      if (this.#tokensAt(bucket, nowMs) >= this.#perSecond) this.#buckets.delete(client);
    }
  }

  #tokensAt({ tokens, atMs }: Bucket, nowMs: number): number {
    return Math.min(this.#perSecond, tokens + ((nowMs - atMs) * this.#perSecond) / 1000);
  }
}
