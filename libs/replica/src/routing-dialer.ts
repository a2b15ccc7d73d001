import type { Link, LinkDialer, LinkHandlers } from '@paddock/ports';

/** Dials what lives in this process by memory, and everything else over the network. */
export class RoutingDialer<Up, Down> implements LinkDialer<Up, Down> {
  readonly #ownAddress: string;
  readonly #within: LinkDialer<Up, Down>;
  readonly #beyond: LinkDialer<Up, Down>;

  constructor(
    ownAddress: string,
    { within, beyond }: Readonly<Record<'within' | 'beyond', LinkDialer<Up, Down>>>,
  ) {
    this.#ownAddress = ownAddress;
    this.#within = within;
    this.#beyond = beyond;
  }

  dial(address: string, handlers: LinkHandlers<Down>): Link<Up> {
    const dialer = address === this.#ownAddress ? this.#within : this.#beyond;
    return dialer.dial(address, handlers);
  }
}
