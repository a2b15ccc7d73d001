import { read as reading, step, when } from '@paddock/client';
import type {
  BatchRead,
  BatchResult,
  Client,
  ConsistencyOptions,
  StepResult,
  Zxid,
} from '@paddock/client';
import { unthrottled } from './unthrottled.ts';

const BYTES = 8;

export interface CounterOptions {
  /** What it is before anybody has changed it; 0, unless told otherwise. Everybody has to say the same. */
  readonly initial?: bigint;
}

export interface Count {
  readonly value: bigint;
  /** Of the change, or of the state that was read. */
  readonly zxid: Zxid;
}

export interface CountChange extends Count {
  readonly before: bigint;
}

/**
 * A number of 64 bits with a sign that sessions change at the same time, as in Curator's DistributedAtomicLong: eight
 * bytes, the highest first. While the session lives a change takes effect once, and its caller is told what it came to;
 * where it ends the caller does not know of the one that was under way.
 */
export class Counter {
  readonly #client: Client;
  readonly #path: string;
  readonly #initial: bigint;
  /** As it was last seen, which is what the next change begins with; null: there was no znode. */
  #seen: bigint | null = null;

  constructor(client: Client, path: string, { initial = 0n }: CounterOptions = {}) {
    this.#client = client;
    this.#path = path;
    this.#initial = checked(path, initial);
  }

  /** As a replica sees it; or as the options say. */
  async get(options: ConsistencyOptions = {}): Promise<Count> {
    const read = (): Promise<BatchRead> =>
      this.#client.readMany([reading.get(this.#path)], options);
    const { results, zxid } = await unthrottled(this.#client, undefined, read);
    return { value: this.#shown(results[0]) ?? this.#initial, zxid };
  }

  /** Negative to subtract. RangeError where the sum has more than 64 bits. */
  async add(delta: bigint): Promise<CountChange> {
    for (;;) {
      const before = this.#seen ?? this.#initial;
      const value = checked(this.#path, before + delta);
      const { zxid, isDone } = await this.#exchange(this.#seen, value);
      if (isDone) return { before, value, zxid };
    }
  }

  /** False, and nothing is changed, where it is something else than expected. */
  async compareAndSet(expected: bigint, next: bigint): Promise<boolean> {
    const value = checked(this.#path, next);
    let seen: bigint | null = expected;
    for (;;) {
      const { isDone } = await this.#exchange(seen, value);
      if (isDone) return true;
      const isInitial = this.#seen === null && expected === this.#initial;
      if (!isInitial || seen === null) return false;
      seen = null;
    }
  }

  /** Where it is something else than what was seen, its answer says what. */
  async #exchange(seen: bigint | null, value: bigint): Promise<{ zxid: Zxid; isDone: boolean }> {
    const path = this.#path;
    const data = bytesOf(value);
    const { succeeded, results, zxid } = await unthrottled(this.#client, undefined, () =>
      this.#client.transaction({
        when: [seen === null ? when.absent(path) : when.data(path, '=', bytesOf(seen))],
        then: [seen === null ? step.create(path, data, { parents: true }) : step.set(path, data)],
        otherwise: [step.get(path)],
      }),
    );
    this.#seen = succeeded ? value : this.#shown(results[0]);
    return { zxid, isDone: succeeded };
  }

  /** Null where there is no znode. */
  #shown(result: StepResult | BatchResult | undefined): bigint | null {
    if (result?.kind === 'data') return valueOf(this.#path, result.data);
    if (result?.kind === 'failed' && result.error.code !== 'noNode') throw result.error;
    return null;
  }
}

export function counter(client: Client, path: string, options: CounterOptions = {}): Counter {
  return new Counter(client, path, options);
}

function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}

function valueOf(path: string, data: Uint8Array): bigint {
  if (data.length === BYTES) return new DataView(data.buffer, data.byteOffset).getBigInt64(0);
  throw new RangeError(`${path} is no counter: it has ${data.length} bytes, and not ${BYTES}`);
}

function checked(path: string, value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new RangeError(`${path} cannot be ${value}, which has more than 64 bits`);
}
