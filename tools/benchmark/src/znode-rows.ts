import { NO_SESSION, trustedPath, trustedZxid } from '@paddock/model';
import type { ZnodeCreation } from '@paddock/model';
import { ZnodeStore } from '@paddock/tree-core';
import type { MeasuredTree } from './znode-objects.ts';

/** The database's own tree, its running digest included. */
export class RowTree implements MeasuredTree {
  readonly #store = new ZnodeStore();
  #zxid = 2 ** 32;

  create(text: string, data: Uint8Array): void {
    const path = trustedPath(text);
    const zxid = ++this.#zxid;
    const creation: ZnodeCreation = {
      path,
      data,
      znodeKind: 'persistent',
      ephemeralOwner: NO_SESSION,
      ttlMs: 0,
      parentCversion: zxid % 1e6,
      parentCreates: zxid % 1e6,
    };
    this.#store.create(creation, trustedZxid(zxid), 1.7e12);
  }

  has(path: string): boolean {
    return this.#store.find(trustedPath(path)) >= 0;
  }

  read(path: string): number {
    const row = this.#store.find(trustedPath(path));
    return this.#store.stat(row).dataLength + this.#store.data(row).length;
  }

  setData(path: string, data: Uint8Array): void {
    const row = this.#store.find(trustedPath(path));
    this.#store.setData(row, data, 1, trustedZxid(++this.#zxid), 1.7e12);
  }

  delete(path: string): void {
    this.#store.delete(this.#store.find(trustedPath(path)), 1, trustedZxid(++this.#zxid));
  }
}
