import { aclKey, assert, OPEN_ACCESS, OPEN_ACL, ZXID_ZERO } from '@paddock/model';
import type { Access, Zxid } from '@paddock/model';

interface Entry {
  readonly key: string;
  readonly access: Access;
  readonly azxid: Zxid;
  readonly hash: number;
  uses: number;
}

/** Of the znodes that everybody may do everything with, and whose ACL was never set: they cost nothing here. */
export const OPEN = 0;

function hashOf(key: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x0100_0193);
  return hash;
}

/**
 * The ACLs of the znodes, each once however many have it, for a row to name by a number. An entry is an ACL, how
 * often it was set, and the transaction that set it last; it lives as long as a row names it. The numbers mean
 * nothing outside: digests and snapshots have the values.
 */
export class AccessTable {
  readonly #entries: (Entry | null)[] = [
    { key: '', access: OPEN_ACCESS, azxid: ZXID_ZERO, hash: 0, uses: 0 },
  ];
  readonly #numbers = new Map<string, number>();
  #free: number[] = [];

  /** Entries beside the open one. */
  get count(): number {
    return this.#numbers.size;
  }

  /** The number of an entry that is used once more. `azxid`: ZXID_ZERO where it was never set. */
  use(access: Access, azxid: Zxid): number {
    if (access.acl === OPEN_ACL && access.version === 0) return OPEN;
    const key = `${azxid} ${access.version} ${aclKey(access.acl)}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#entries.length;
      this.#entries[number] = { key, access, azxid, hash: hashOf(key), uses: 0 };
      this.#numbers.set(key, number);
    }
    this.#entry(number).uses += 1;
    return number;
  }

  release(number: number): void {
    if (number === OPEN) return;
    const entry = this.#entry(number);
    entry.uses -= 1;
    if (entry.uses > 0) return;
    this.#numbers.delete(entry.key);
    this.#entries[number] = null;
    this.#free.push(number);
  }

  access(number: number): Access {
    return number === OPEN ? OPEN_ACCESS : this.#entry(number).access;
  }

  azxid(number: number): Zxid {
    return number === OPEN ? ZXID_ZERO : this.#entry(number).azxid;
  }

  hash(number: number): number {
    return this.#entry(number).hash;
  }

  #entry(number: number): Entry {
    const entry = this.#entries[number];
    assert(entry !== undefined && entry !== null, 'a row names an ACL that is in the table');
    return entry;
  }
}
