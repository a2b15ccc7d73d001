import type { Held } from '@paddock/recipes';
import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { World } from '../world.ts';

/** Whether so many may hold it at a time, each in its own way. */
export type MayHold<Way extends string> = (ways: readonly Way[]) => boolean;

interface Holder<Way extends string> {
  readonly who: string;
  readonly held: Held;
  readonly way: Way;
}

/** Something that was done behind a fence took effect. */
interface Accepted<Way extends string> {
  readonly who: string;
  readonly token: Zxid;
  readonly way: Way;
  readonly zxid: Zxid;
}

/** What was seen of something that is held: who believes to hold it, and whose writes the service has accepted. */
export class HoldersRecord<Way extends string> {
  readonly #world: World;
  readonly #violated: (what: string) => void;
  readonly #mayHold: MayHold<Way>;
  readonly #holders: Holder<Way>[] = [];
  readonly #accepted: Accepted<Way>[] = [];

  constructor(world: World, violated: (what: string) => void, mayHold: MayHold<Way>) {
    this.#world = world;
    this.#violated = violated;
    this.#mayHold = mayHold;
  }

  /** First come, first served: of two that may not hold it together the later one has asked later. */
  granted(who: string, held: Held, way: Way): void {
    const { token } = held;
    this.#world.trace.tell(who, `holds ${held.path} by ${formatZxid(token)}`);
    this.#world.count('granted');
    const newer = this.#holders.find(
      (it) => it.held.token >= token && !this.#mayHold([it.way, way]),
    );
    if (newer !== undefined) {
      const mine = formatZxid(token);
      this.#violated(`${who} was granted ${mine} behind ${formatZxid(newer.held.token)}`);
    }
    this.#holders.push({ who, held, way });
    this.believed(who, held);
  }

  /** It is held in another way from now on. */
  exchanged(who: string, held: Held, way: Way): void {
    this.#holders.push({ who, held, way });
    this.believed(who, held);
  }

  /**
   * The holder may believe that it holds it, by all that it can ask at this moment: then so many may. A restoration
   * ends sessions that live, so that their holders learn of it late; what they write behind a fence is refused all the
   * same.
   */
  believed(who: string, held: Held): void {
    if (!held.isHeld) return;
    const believing = this.#holders.filter(
      (it) => it.held.isHeld && !this.#hasRestoredBetween(it.held.token, held.token),
    );
    if (this.#mayHold(believing.map(({ way }) => way))) return;
    const all = believing.map((it) => `${it.who} by ${formatZxid(it.held.token)}`);
    this.#violated(`${who} holds it, and at the same time they all do: ${all.join(', ')}`);
  }

  accepted(accepted: Accepted<Way>): void {
    this.#accepted.push(accepted);
  }

  /** Each held it, in that way, at least from the first to the last of what was accepted of it. */
  judge(): void {
    const last = new Map<string, Zxid>();
    const keyOf = ({ token, way }: Accepted<Way>): string => `${token} ${way}`;
    const events = this.#accepted.toSorted((a, b) => a.zxid - b.zxid);
    for (const event of events) last.set(keyOf(event), event.zxid);
    let holding: Accepted<Way>[] = [];
    for (const event of events) {
      const { token, way, who, zxid } = event;
      holding = holding.filter(
        (it) => keyOf(it) !== keyOf(event) && (last.get(keyOf(it)) ?? 0) > zxid,
      );
      if (!this.#mayHold([...holding.map((it) => it.way), way])) {
        const others = holding.map((it) => `${it.who} by ${formatZxid(it.token)}`);
        const at = `${formatZxid(zxid)} by ${formatZxid(token)}`;
        this.#violated(`${who} was accepted at ${at} to ${way} beside ${others.join(', ')}`);
      }
      holding.push(event);
    }
  }

  #hasRestoredBetween(a: Zxid, b: Zxid): boolean {
    const [from, to] = a < b ? [a, b] : [b, a];
    return this.#world.log.entries.some(
      ({ backup, zxid }) => backup !== null && zxid > from && zxid < to,
    );
  }
}
