// What the load driver asks for, encoded beforehand where it can be.
import { paddock } from '@paddock/contracts';
import { encodeOperation } from './session-frames.ts';

export type Workload = 'get' | 'set' | 'create' | 'getAndSet';

export const DATA_BYTES = 100;
export const ZNODES = 1000;
/** Created znodes are spread, so that no list of children is what is measured. */
const PARENTS = 250;

const PERSISTENT = paddock.client.v1.CreateMode.CREATE_MODE_PERSISTENT;
const ROOT = '/benchmark';

function pathOf(znode: number): string {
  return `${ROOT}/services/node-${String(znode).padStart(6, '0')}`;
}

function parentOf(parent: number): string {
  return `${ROOT}/group-${String(parent).padStart(3, '0')}`;
}

function create(path: string, data: Uint8Array): Uint8Array {
  return encodeOperation({ create: { path, data, mode: PERSISTENT } });
}

/** Operations one after the other; `isWrite` says of the last one what it was. */
export interface OperationSource {
  next(): Uint8Array;
  readonly isWrite: boolean;
}

class Cycle implements OperationSource {
  readonly isWrite: boolean;
  readonly #operations: readonly Uint8Array[];
  #at = 0;

  constructor(operations: readonly Uint8Array[], isWrite: boolean) {
    this.#operations = operations;
    this.isWrite = isWrite;
  }

  next(): Uint8Array {
    const operation = this.#operations[this.#at];
    if (operation === undefined) throw new RangeError('no operations');
    this.#at = (this.#at + 1) % this.#operations.length;
    return operation;
  }
}

class InTurn implements OperationSource {
  isWrite = true;
  readonly #reads: Cycle;
  readonly #writes: Cycle;

  constructor(reads: Cycle, writes: Cycle) {
    this.#reads = reads;
    this.#writes = writes;
  }

  next(): Uint8Array {
    this.isWrite = !this.isWrite;
    return this.isWrite ? this.#writes.next() : this.#reads.next();
  }
}

/** Paths that never existed before on this server, from all phases together. */
class Creates implements OperationSource {
  readonly isWrite = true;
  readonly #data: Uint8Array;
  readonly #prefix: string;
  #created = 0;

  constructor(data: Uint8Array, prefix: string) {
    this.#data = data;
    this.#prefix = prefix;
  }

  next(): Uint8Array {
    const n = this.#created++;
    return create(`${parentOf(n % PARENTS)}/${this.#prefix}-${n}`, this.#data);
  }
}

/** What one connection can be asked to do. */
export class Workloads {
  readonly #reads: readonly Uint8Array[];
  readonly #writes: readonly Uint8Array[];
  readonly #creates: Creates;
  readonly #data = new Uint8Array(DATA_BYTES).fill(97);

  /** `prefix` names the znodes that this connection creates. */
  constructor(prefix: string) {
    const paths = Array.from({ length: ZNODES }, (_, i) => pathOf(i));
    this.#reads = paths.map((path) => encodeOperation({ getData: { path } }));
    this.#writes = paths.map((path) => encodeOperation({ setData: { path, data: this.#data } }));
    this.#creates = new Creates(this.#data, prefix);
  }

  /** Creates what the others work on, in order. */
  preparation(): Uint8Array[] {
    const none = new Uint8Array(0);
    return [
      create(ROOT, none),
      create(`${ROOT}/services`, none),
      ...Array.from({ length: PARENTS }, (_, i) => create(parentOf(i), none)),
      ...Array.from({ length: ZNODES }, (_, i) => create(pathOf(i), this.#data)),
    ];
  }

  source(workload: Workload): OperationSource {
    const reads = new Cycle(this.#reads, false);
    const writes = new Cycle(this.#writes, true);
    switch (workload) {
      case 'get':
        return reads;
      case 'set':
        return writes;
      case 'create':
        return this.#creates;
      case 'getAndSet':
        return new InTurn(reads, writes);
    }
  }
}
