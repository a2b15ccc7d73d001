import type { Server } from '@grpc/grpc-js';
import { serveLink } from '@paddock/link-grpc';
import type { Boundary } from '@paddock/link-grpc';
import type { Limits } from '@paddock/model';
import type { LinkAcceptor } from '@paddock/ports';

/** The links that a server offers, and the names of their services for health and reflection. */
export class ServedBoundaries {
  readonly services: string[] = [];
  readonly #server: Server;
  readonly #limits: Limits;

  constructor(server: Server, limits: Limits) {
    this.#server = server;
    this.#limits = limits;
  }

  add<Up, Down>(boundary: Boundary<Up, Down>, acceptor: LinkAcceptor<Down, Up>): this {
    serveLink(this.#server, boundary, acceptor, this.#limits);
    // "/paddock.zab.v1.ZabService/Link" names the service "paddock.zab.v1.ZabService".
    this.services.push(boundary.method.path.split('/')[1] ?? '');
    return this;
  }
}
