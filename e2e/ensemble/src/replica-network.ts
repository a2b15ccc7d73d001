import { TcpProxy } from './tcp-proxy.ts';

/** The way from one replica's broadcaster to another's. */
interface Pair {
  readonly from: number;
  readonly to: number;
  readonly proxy: TcpProxy;
}

/**
 * A proxy for each ordered pair of replicas, between their broadcasters: `from` dials `to` through its own. What else
 * replicas dial of each other (a leader's processor, a database's snapshots) is announced by the one that is dialled,
 * and not parted here: none of it decides who leads or what is committed.
 */
export class ReplicaNetwork {
  readonly #pairs: readonly Pair[];

  private constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
  }

  /** `addresses` by replica. */
  static async between(addresses: ReadonlyMap<number, string>): Promise<ReplicaNetwork> {
    const pairs: Pair[] = [];
    for (const from of addresses.keys()) {
      for (const [to, address] of addresses) {
        if (from !== to) pairs.push({ from, to, proxy: await TcpProxy.start(address) });
      }
    }
    return new ReplicaNetwork(pairs);
  }

  /** Where `from` dials `to`. */
  address(from: number, to: number): string {
    return this.#pairs.find((pair) => pair.from === from && pair.to === to)?.proxy.address ?? '';
  }

  /** Breaks the connections of two replicas, whoever dialled, and lets none come about. */
  cut(a: number, b: number): void {
    for (const { from, to, proxy } of this.#pairs) {
      if ((from === a && to === b) || (from === b && to === a)) proxy.cut();
    }
  }

  /** What `from` says does not reach `to` any more; the other way stays open, and no connection breaks. */
  stall(from: number, to: number): void {
    for (const pair of this.#pairs) {
      if (pair.from === from && pair.to === to) pair.proxy.stall('up');
      if (pair.from === to && pair.to === from) pair.proxy.stall('down');
    }
  }

  heal(): void {
    for (const { proxy } of this.#pairs) proxy.heal();
  }

  stop(): void {
    for (const { proxy } of this.#pairs) proxy.stop();
  }
}
