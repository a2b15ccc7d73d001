import type { Client, ClientState } from '@paddock/client';

/** Every change of the states of some clients, since it was made. */
export class StateRecord {
  readonly #states: ClientState[][];

  constructor(clients: readonly Client[]) {
    this.#states = clients.map((client) => {
      const states: ClientState[] = [];
      client.on('state', ({ state }) => states.push(state));
      return states;
    });
  }

  /** Of each client, in the order of their coming. */
  get changes(): readonly (readonly ClientState[])[] {
    return this.#states;
  }

  /** The states that any of them has been in meanwhile. */
  get seen(): ReadonlySet<ClientState> {
    return new Set(this.#states.flat());
  }
}
