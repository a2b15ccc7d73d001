import type { Server } from '@grpc/grpc-js';
import { MEMBERS_SERVICE, serveLink, serveMembers } from '@paddock/link-grpc';
import type { AskMembers, Boundary, LinkTraffic } from '@paddock/link-grpc';
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

  /** `traffic` counts what its links carry. */
  add<Up, Down>(
    boundary: Boundary<Up, Down>,
    acceptor: LinkAcceptor<Down, Up>,
    traffic?: LinkTraffic,
  ): this {
    serveLink(this.#server, boundary, acceptor, this.#limits, traffic);
    // "/paddock.zab.v1.ZabService/Link" names the service "paddock.zab.v1.ZabService".
    this.services.push(boundary.method.path.split('/')[1] ?? '');
    return this;
  }

  /** What operators ask of a broadcaster. */
  addMembers(ask: AskMembers): this {
    serveMembers(this.#server, ask);
    this.services.push(MEMBERS_SERVICE);
    return this;
  }
}
