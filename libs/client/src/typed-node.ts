import { decodeText, encodeText } from '@paddock/model';
import type { Stat, Zxid } from '@paddock/model';
import { read } from './batch.ts';
import type { CallOptions } from './call-options.ts';
import type { Client } from './client.ts';
import { PaddockError } from './paddock-error.ts';
import type { QueryOptions, Reflecting } from './reading.ts';
import { validated } from './standard-schema.ts';
import type { SchemaIssue, StandardSchema } from './standard-schema.ts';
import type { CreatedZnode, CreateOptions, VersionOptions } from './transaction.ts';

/** How values become the data of a znode, and back. */
export interface ValueCodec {
  encode(value: unknown): Uint8Array;
  /** Throws where that is none. */
  decode(data: Uint8Array): unknown;
}

export const JSON_CODEC: ValueCodec = {
  encode: (value) => encodeText(JSON.stringify(value)),
  decode: (data): unknown => JSON.parse(decodeText(data)),
};

/** What is in a znode, or is to be, is not what its schema says. */
export class InvalidValueError extends PaddockError {
  readonly issues: readonly SchemaIssue[];

  constructor(path: string, reason: string, issues: readonly SchemaIssue[], cause?: unknown) {
    const details = cause === undefined ? {} : { cause };
    super('invalidValue', path, `${path} has another value than its schema: ${reason}`, details);
    this.issues = issues;
  }
}

/** What a znode is, each time that it has changed. Of changes that follow fast, the last is told. */
export type NodeState<Value> =
  | { readonly kind: 'value'; readonly value: Value; readonly stat: Stat; readonly zxid: Zxid }
  | { readonly kind: 'absent'; readonly zxid: Zxid }
  /** Somebody has written something else. */
  | {
      readonly kind: 'invalid';
      readonly error: InvalidValueError;
      readonly stat: Stat;
      readonly zxid: Zxid;
    };

/** A znode whose data are a value of a schema: nothing else is written to it, and nothing else is read from it. */
export class TypedNode<Input, Output = Input> {
  readonly path: string;
  readonly #client: Client;
  readonly #schema: StandardSchema<Input, Output>;
  readonly #codec: ValueCodec;

  constructor(
    client: Client,
    path: string,
    schema: StandardSchema<Input, Output>,
    codec: ValueCodec = JSON_CODEC,
  ) {
    this.path = path;
    this.#client = client;
    this.#schema = schema;
    this.#codec = codec;
  }

  /** Fails with an InvalidValueError where something else is there, and as `noNode` where nothing is. */
  async get(options: QueryOptions = {}): Promise<{ value: Output; stat: Stat } & Reflecting> {
    const { data, ...rest } = await this.#client.get(this.path, options);
    return { value: await this.#valueOf(data), ...rest };
  }

  /** What is kept is the value itself, and not what the schema makes of it: `get` has that made each time. */
  async set(
    value: Input,
    options: VersionOptions & CallOptions = {},
  ): Promise<{ stat: Stat } & Reflecting> {
    return this.#client.set(this.path, await this.#dataOf(value), options);
  }

  async create(value: Input, options: CreateOptions & CallOptions = {}): Promise<CreatedZnode> {
    return this.#client.create(this.path, await this.#dataOf(value), options);
  }

  /** As `Client.update`: `change` makes the next value of the one that is there, null where there is no znode. */
  update(
    change: (value: Output | null) => Input | undefined | Promise<Input | undefined>,
    options: CallOptions = {},
  ): Promise<({ stat: Stat } & Reflecting) | null> {
    const changeData = async (current: { data: Uint8Array } | null) => {
      const next = await change(current === null ? null : await this.#valueOf(current.data));
      return next === undefined ? undefined : this.#dataOf(next);
    };
    return this.#client.update(this.path, changeData, options);
  }

  /** What it is now, and then whenever it has changed, until the session ends; also over a lost connection. */
  async *watch(options: CallOptions = {}): AsyncGenerator<NodeState<Output>, undefined> {
    const watcher = await this.#client.watch(this.path, options);
    try {
      let last = yield* this.#told(options, null);
      for await (const { kind, zxid } of watcher) {
        if (kind === 'sessionEnded') return;
        // What was read later has shown it.
        if (kind === 'nodeChildrenChanged' || (last !== null && zxid <= last)) continue;
        last = yield* this.#told(options, last);
      }
    } finally {
      watcher.close();
    }
  }

  /** Returns the zxid that is shown. */
  async *#told(
    options: CallOptions,
    last: Zxid | null,
  ): AsyncGenerator<NodeState<Output>, Zxid | null> {
    const state = await this.#state(options);
    // The same again is no news.
    if (state.kind === 'absent' || last === null || state.stat.mzxid > last) yield state;
    return state.zxid;
  }

  async #state(options: CallOptions): Promise<NodeState<Output>> {
    const { results, zxid } = await this.#client.readMany([read.get(this.path)], options);
    const [result] = results;
    if (result?.kind !== 'data') {
      if (result?.kind === 'failed' && result.error.code !== 'noNode') throw result.error;
      return { kind: 'absent', zxid };
    }
    const { data, stat } = result;
    try {
      return { kind: 'value', value: await this.#valueOf(data), stat, zxid };
    } catch (error) {
      if (error instanceof InvalidValueError) return { kind: 'invalid', error, stat, zxid };
      throw error;
    }
  }

  async #valueOf(data: Uint8Array): Promise<Output> {
    let value: unknown;
    try {
      value = this.#codec.decode(data);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new InvalidValueError(this.path, message, [{ message }], cause);
    }
    return this.#validated(value);
  }

  async #dataOf(value: Input): Promise<Uint8Array> {
    await this.#validated(value);
    return this.#codec.encode(value);
  }

  async #validated(value: unknown): Promise<Output> {
    const parsed = await validated(this.#schema, value);
    if (!parsed.ok) throw new InvalidValueError(this.path, parsed.reason, parsed.issues ?? []);
    return parsed.value;
  }
}
