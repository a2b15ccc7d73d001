import { randomInt } from 'node:crypto';
import { assertPortFree, formatAddress, LOOPBACK, OperatorError } from '@paddock/node-runtime';

/**
 * Below what systems give to programs that let them choose: so no port is taken between the choice and the listening,
 * nor while a process that has died is started again.
 */
const FIRST_PORT = 20_000;
const PORTS_END = 32_000;
const ATTEMPTS = 100;

/** Addresses of replicas for one another: each is known to all before any of them listens. */
export class PeerAddresses {
  readonly #given: Set<string>;

  /** `given` are never chosen, whether anybody listens there or not. */
  constructor(given: readonly string[]) {
    this.#given = new Set(given);
  }

  /** One where nobody listens now. */
  async choose(): Promise<string> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const address = formatAddress(LOOPBACK, randomInt(FIRST_PORT, PORTS_END));
      if (this.#given.has(address) || !(await isFree(address))) continue;
      this.#given.add(address);
      return address;
    }
    throw new OperatorError(
      `no free port was found between ${FIRST_PORT} and ${PORTS_END} for the replicas' links`,
    );
  }
}

async function isFree(address: string): Promise<boolean> {
  try {
    await assertPortFree(address, '');
    return true;
  } catch (error) {
    if (error instanceof OperatorError) return false;
    throw error;
  }
}
