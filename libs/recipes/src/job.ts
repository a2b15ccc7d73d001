import { PaddockError, step } from '@paddock/client';
import type { Client, TransactionOutcome, TransactionStep, Zxid } from '@paddock/client';
import type { Claim } from './claim.ts';
import { Held } from './held.ts';
import { isGone } from './until-gone.ts';
import { unthrottled } from './unthrottled.ts';

export interface TakenJob {
  /** Its znode. */
  readonly path: string;
  readonly data: Uint8Array;
  /** How often it was taken, this time included. */
  readonly deliveries: number;
  readonly lease: { readonly path: string; readonly czxid: Zxid };
}

/**
 * A job of a queue that this session has taken. It is its own until it is acknowledged, given back by `release`, or the
 * session ends; the signal fires before somebody else can have it then.
 */
export class Job extends Held {
  readonly data: Uint8Array;
  /** How often it was taken, this time included: above 1, somebody may have begun to work on it. */
  readonly deliveries: number;
  /** The znode of the job; `path` is that of the lease. */
  readonly jobPath: string;
  readonly #lease: Lease;

  constructor(client: Client, { path, data, deliveries, lease }: TakenJob) {
    const claim = new Lease(client.with({}), lease.path, lease.czxid);
    super(client, claim);
    this.#lease = claim;
    this.jobPath = path;
    this.data = data;
    this.deliveries = deliveries;
  }

  /**
   * It is done, and is never delivered again. Steps take effect together with that, or neither does: what they write is
   * written once for each job, however often it was delivered. Fails as `guardFailed`, and nothing is changed, where it
   * is not this session's any more. Where a step is refused, it stays taken.
   */
  async ack(steps: readonly TransactionStep<string>[] = []): Promise<TransactionOutcome> {
    const { results, ...outcome } = await unthrottled(this.session, undefined, () =>
      this.client.transaction({
        then: [...steps, step.delete(this.path), step.delete(this.jobPath)],
      }),
    );
    this.#lease.isOver = true;
    this.endsBecause('it was acknowledged');
    return { ...outcome, results: results.slice(0, steps.length) };
  }
}

/** Whoever takes the job has a lease of the same name: it is removed as this one, and no other. */
class Lease implements Claim {
  readonly path: string;
  readonly czxid: Zxid;
  readonly token: Zxid;
  readonly alsoNeeds = [];
  /** There is nothing to give back. */
  isOver = false;
  readonly #client: Client;

  constructor(client: Client, path: string, czxid: Zxid) {
    this.#client = client;
    this.path = path;
    this.czxid = czxid;
    this.token = czxid;
  }

  async leave(): Promise<void> {
    const { path, czxid } = this;
    if (this.isOver) return;
    try {
      await unthrottled(this.#client, undefined, () =>
        this.#client.transaction({ guard: { path, czxid }, then: [step.delete(path)] }),
      );
    } catch (error) {
      const isLost = error instanceof PaddockError && error.code === 'guardFailed';
      if (!isLost && !isGone(error)) throw error;
    }
  }
}
