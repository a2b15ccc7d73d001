import { PaddockError, step, when } from '@paddock/client';
import type {
  Client,
  Comparison,
  StepResult,
  TransactionOutcome,
  TransactionStep,
  Zxid,
} from '@paddock/client';
import { unlessAborted } from './abort.ts';
import type { Claim } from './claim.ts';
import { isSure } from './certainty.ts';
import { Held } from './held.ts';
import { LockLostError } from './lock-lost-error.ts';
import { Patience } from './patience.ts';
import type { PatienceOptions } from './patience.ts';
import { isGone, untilGone } from './until-gone.ts';
import { untilFound } from './until-found.ts';
import { untilAnswered } from './until-answered.ts';
import { unthrottled } from './unthrottled.ts';

const READY = 'ready';
const MEMBER = 'member-';

export interface DoubleBarrierOptions {
  /** How many have to come. Everybody has to say the same. */
  readonly size: number;
}

/** A znode of a member, and who is there with it, at the transaction in which it came. */
interface Entrance {
  readonly path: string;
  readonly czxid: Zxid;
  readonly isOpen: boolean;
}

/**
 * So many begin together, and end together. Its layout is that of Curator's DistributedDoubleBarrier: an ephemeral
 * znode a member, and `ready` once they are enough. That there are enough is decided in the transaction that adds the
 * last one, so that nobody counts who is gone by then. Whoever comes while it is open is let in, and is waited for.
 */
export class DoubleBarrier {
  readonly #client: Client;
  /** Without bounds: nobody would leave for a member that nobody knows of. */
  readonly #session: Client;
  readonly #path: string;
  readonly #size: number;

  constructor(client: Client, path: string, { size }: DoubleBarrierOptions) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`a double barrier is of one member or more, not ${size}`);
    }
    this.#client = client;
    this.#session = client.with({});
    this.#path = path;
    this.#size = size;
  }

  /**
   * Waits until enough have come; what is returned is the membership, which ends when it leaves or its session does.
   */
  async enter(options: PatienceOptions = {}): Promise<Membership> {
    const patience = new Patience(this.#session, this.#path, options);
    const { signal } = patience;
    const coming = this.#come(signal);
    try {
      const entrance = await unlessAborted(signal, coming);
      const membership = this.#membership(entrance);
      if (!entrance.isOpen) await this.#untilOpen(membership, signal);
      while (!(await isSure(this.#session, signal)));
      membership.throwIfLost();
      return membership;
    } catch (error) {
      coming.then((entrance) => this.#membership(entrance).release()).catch(() => undefined);
      throw error;
    } finally {
      patience.end();
    }
  }

  /** Works between the two, and waits for all others to be done, or gone. */
  async run<T>(work: (held: Held) => Promise<T>, options: PatienceOptions = {}): Promise<T> {
    const membership = await this.enter(options);
    try {
      const result = await work(membership);
      await membership.leave(options);
      return result;
    } finally {
      await membership.release();
    }
  }

  #membership(entrance: Entrance): Membership {
    const claim = new MembershipClaim(this.#session, this.#path, entrance);
    return new Membership(this.#client, claim);
  }

  /** `ready` stays as long as a member does, and so as long as this one. */
  async #untilOpen(membership: Membership, signal: AbortSignal): Promise<void> {
    const ready = `${this.#path}/${READY}`;
    const look = async (): Promise<true | null> => {
      membership.throwIfLost();
      const { stat } = await untilAnswered(this.#session, signal, () =>
        this.#session.exists(ready),
      );
      return stat === null ? null : true;
    };
    await untilFound(this.#session, ready, look, signal);
  }

  async #come(signal: AbortSignal): Promise<Entrance> {
    const path = this.#path;
    const ready = `${path}/${READY}`;
    const member = step.create(`${path}/${MEMBER}`, '', { mode: 'ephemeralSequential' });
    const open = step.create(ready);
    const isClosed = when.absent(ready);
    // Of whom the last one opens it.
    const awaited = this.#size - 1;
    const isLast = awaited === 0 ? when.exists(path) : when.childCount(path, '>', awaited - 1);
    const others = (sign: '<' | '>' | '=', count: number): Comparison<string> =>
      when.childCount(path, sign, count);
    for (;;) {
      const early = await this.#attempt([isClosed, others('<', awaited)], [member], signal);
      if (early.succeeded) return entranceOf(early.results[0], false);
      const children = childrenIn(early.results[0]);
      if (children === null) {
        await this.#attempt([when.absent(path)], [foundation(path)], signal);
      } else if (!children.includes(READY)) {
        const last = await this.#attempt([isClosed, isLast], [member, open], signal);
        if (last.succeeded) return entranceOf(last.results[0], true);
      } else if (children.length > 1) {
        const late = await this.#attempt([when.exists(ready), others('>', 1)], [member], signal);
        if (late.succeeded) return entranceOf(late.results[0], true);
      } else {
        // Its members have gone without closing it.
        await this.#attempt([when.exists(ready), others('=', 1)], [step.delete(ready)], signal);
      }
    }
  }

  #attempt(
    conditions: readonly Comparison<string>[],
    then: readonly TransactionStep<string>[],
    signal: AbortSignal,
  ): Promise<TransactionOutcome> {
    const otherwise = [step.list(this.#path)];
    return unthrottled(this.#session, signal, () =>
      this.#session.transaction({ when: conditions, then, otherwise }),
    );
  }
}

/** Of one who has entered. To release it is to leave without waiting for the others. */
export class Membership extends Held {
  readonly #claim: MembershipClaim;

  constructor(client: Client, claim: MembershipClaim) {
    super(client, claim);
    this.#claim = claim;
  }

  /** Waits until all have left who are there, or their sessions have ended. Fails as `lockLost` where its own has. */
  async leave(options: PatienceOptions = {}): Promise<void> {
    const { session } = this;
    const { barrier } = this.#claim;
    const patience = new Patience(session, barrier, options);
    const { signal } = patience;
    const { isHeld } = this;
    try {
      // Its session may live all the same, and others wait for its znode.
      await this.release();
      if (!isHeld) this.signal.throwIfAborted();
      if (this.#claim.isLost) throw new LockLostError(this.path, 'its znode was gone');
      const { leftAt } = this.#claim;
      let { others } = this.#claim;
      // Those who come to the next round are not waited for: they wait for this one. Where all were gone in between,
      // they have the names of those who were here.
      for (let last = others.at(-1); last !== undefined; last = others.at(-1)) {
        if (!(await untilGone(session, `${barrier}/${last}`, signal, leftAt))) continue;
        const still = new Set(await this.#present(signal));
        others = others.filter((it) => it !== last && still.has(it));
      }
    } finally {
      patience.end();
    }
  }

  async #present(signal: AbortSignal): Promise<readonly string[]> {
    const { session } = this;
    const list = (): ReturnType<Client['list']> => session.list(this.#claim.barrier);
    try {
      return (await unlessAborted(signal, untilAnswered(session, signal, list))).children;
    } catch (error) {
      if (error instanceof PaddockError && error.code === 'noNode') return [];
      throw error;
    }
  }
}

class MembershipClaim implements Claim {
  readonly barrier: string;
  readonly path: string;
  readonly czxid: Zxid;
  readonly token: Zxid;
  readonly alsoNeeds = [];
  /** Those who were there when it left, ascending. */
  others: readonly string[] = [];
  /** The transaction in which it left. */
  leftAt: Zxid | undefined = undefined;
  /** It was gone before it left. */
  isLost = false;
  readonly #client: Client;

  constructor(client: Client, barrier: string, { path, czxid }: Entrance) {
    this.#client = client;
    this.barrier = barrier;
    this.path = path;
    this.czxid = czxid;
    this.token = czxid;
  }

  /** The last one to leave closes it in the same transaction, in which the others are seen too. */
  async leave(): Promise<void> {
    const { barrier, path, czxid } = this;
    const ready = `${barrier}/${READY}`;
    const [goes, sees] = [step.delete(path), step.list(barrier)];
    try {
      const { results, zxid } = await unthrottled(this.#client, undefined, () =>
        this.#client.transaction({
          guard: { path, czxid },
          when: [when.exists(ready), when.childCount(barrier, '=', 2)],
          then: [goes, step.delete(ready), sees],
          otherwise: [goes, sees],
        }),
      );
      this.leftAt = zxid;
      const children = childrenIn(results.at(-1)) ?? [];
      this.others = children.filter((it) => it !== READY).sort();
    } catch (error) {
      const isLost = error instanceof PaddockError && error.code === 'guardFailed';
      if (!isLost && !isGone(error)) throw error;
      this.isLost = true;
    }
  }
}

function foundation(path: string): TransactionStep<string> {
  return step.create(path, '', { mode: 'container', parents: true });
}

function entranceOf(result: StepResult | undefined, isOpen: boolean): Entrance {
  if (result?.kind !== 'created') throw new TypeError('a member of a barrier was not created');
  return { path: result.path, czxid: result.stat.czxid, isOpen };
}

/** Null where there is no barrier. */
function childrenIn(result: StepResult | undefined): readonly string[] | null {
  return result?.kind === 'children' ? result.children : null;
}

export function doubleBarrier(
  client: Client,
  path: string,
  options: DoubleBarrierOptions,
): DoubleBarrier {
  return new DoubleBarrier(client, path, options);
}
