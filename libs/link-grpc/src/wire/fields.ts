// Checks of single fields, wire → model. A field that is absent has its default, as protobuf has it.
import {
  ANY_VERSION,
  EPOCH_MAX,
  isEpoch,
  isSessionId,
  makeFrontendIncarnation,
  makeTerm,
  NO_SESSION,
  parseZnodePath,
  trustedPath,
  trustedZxid,
} from '@paddock/model';
import type { Epoch, FrontendIncarnation, SessionId, Term, ZnodePath, Zxid } from '@paddock/model';
import { toBuffer } from '../buffer.ts';
import { WireError } from './wire-error.ts';

/** A field as protobufjs types it. */
export type Field<T> = T | null | undefined;

/** A 64-bit integer as protobufjs decodes it: an object where its two words do not tell. */
export type Field64 = Field<
  number | { readonly low: number; readonly high: number; readonly unsigned: boolean }
>;

/** Milliseconds of a time that fits a 32-bit timer. */
const DURATION_MAX = 2 ** 31 - 1;
export const VERSION_MAX = 2 ** 31 - 1;
const WORD = 2 ** 32;

/** Bytes of a database's digest, which is opaque here. */
const DIGEST_BYTES_MAX = 64;
const CLUSTER_ID_MAX = 128;

export function leaderEpochOf(epoch: Field<number>, field: string): Epoch {
  const e = epoch ?? 0;
  if (!isEpoch(e)) throw new WireError(field, `is the epoch ${e}, above ${EPOCH_MAX}`);
  return e;
}

export function zxidOf(epoch: Field<number>, counter: Field<number>, field: string): Zxid {
  const e = epoch ?? 0;
  if (e > EPOCH_MAX) throw new WireError(field, `has the epoch ${e}, above ${EPOCH_MAX}`);
  return trustedZxid(e * WORD + (counter ?? 0));
}

export function termOf(epoch: Field<number>, incarnation: Field<number>, field: string): Term {
  const e = epoch ?? 0;
  if (e > EPOCH_MAX) throw new WireError(field, `has the epoch ${e}, above ${EPOCH_MAX}`);
  return makeTerm(e, incarnation ?? 0);
}

/** A safe integer from 0 on: a sequence, a number of something, bytes, a time. */
export function countOf(value: Field<number>, field: string): number {
  const count = value ?? 0;
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new WireError(field, `is ${count}, not a safe integer from 0 on`);
  }
  // A double may be -0, which is equal to 0 and yet another key.
  return count + 0;
}

/** A safe integer from 1 on. */
export function ordinalOf(value: Field<number>, field: string): number {
  const count = countOf(value, field);
  if (count === 0) throw new WireError(field, 'is 0, not a safe integer from 1 on');
  return count;
}

export function durationOf(value: Field<number>, field: string): number {
  const ms = countOf(value, field);
  if (ms > DURATION_MAX) throw new WireError(field, `is ${ms} ms, above ${DURATION_MAX}`);
  return ms;
}

/** Milliseconds; absent where no bound of its own is asked for. */
export function stalenessOf(value: Field<number>): number {
  return value === null || value === undefined ? Infinity : countOf(value, 'read staleness');
}

/** A version or -1, which accepts every version. */
export function expectedVersionOf(value: Field<number>, field: string): number {
  const version = value ?? 0;
  if (version < -1) throw new WireError(field, `is ${version}, not a version or -1`);
  return version;
}

/** What a client expects: absent where every version is accepted. */
export function versionOrAnyOf(field: Field<number>): number {
  if (field === null || field === undefined) return ANY_VERSION;
  if (field > VERSION_MAX) throw new WireError('version', `is ${field}, above ${VERSION_MAX}`);
  return field;
}

export function word(value: Field<number>): number {
  return value ?? 0;
}

/** A 64-bit integer that must be a safe one from 0 on. */
export function count64Of(value: Field64, field: string): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'number') return countOf(value, field);
  const high = value.unsigned ? value.high >>> 0 : value.high;
  return countOf(high * WORD + (value.low >>> 0), field);
}

export function sessionOf(value: Field<number>, field: string): SessionId {
  const session = value ?? 0;
  if (!isSessionId(session)) throw new WireError(field, `is ${session}, not a session id`);
  return session;
}

export function sessionOrNoneOf(value: Field<number>, field: string): SessionId {
  return value === 0 || value === null || value === undefined
    ? NO_SESSION
    : sessionOf(value, field);
}

/** A 64-bit integer; 0 and what is no session id count as none. */
export function clientSessionOf(value: Field64, field: string): SessionId {
  const session = count64Of(value, field);
  return isSessionId(session) ? session : NO_SESSION;
}

export function frontendOf(value: Field<number>, field: string): FrontendIncarnation {
  return makeFrontendIncarnation(ordinalOf(value, field));
}

/** Copied: what protobufjs hands out is a view that keeps the whole frame in memory. */
export function bytesOf(value: Field<Uint8Array>, lengthMax: number, field: string): Uint8Array {
  if (value === null || value === undefined || value.length === 0) return new Uint8Array(0);
  if (value.length > lengthMax) {
    throw new WireError(field, `has ${value.length} bytes, more than ${lengthMax}`);
  }
  return copyOf(toBuffer(value), 0, value.length);
}

export function digestOf(value: Field<Uint8Array>, field: string): Uint8Array {
  return bytesOf(value, DIGEST_BYTES_MAX, field);
}

/** For what is bounded by the frame that it came in. */
export function frameBytesOf(value: Field<Uint8Array>, field: string): Uint8Array {
  return bytesOf(value, Number.MAX_SAFE_INTEGER, field);
}

/** Empty where an ensemble is not known yet. */
export function clusterIdOf(value: Field<string>, field: string): string {
  const clusterId = value ?? '';
  if (clusterId.length > CLUSTER_ID_MAX) {
    throw new WireError(field, `has ${clusterId.length} units, more than ${CLUSTER_ID_MAX}`);
  }
  return clusterId;
}

/** The name of a backup as its file has it, too. */
export function backupNameOf(value: Field<string>, field: string): string {
  const name = value ?? '';
  if (!/^[0-9a-z.-]{1,128}$/u.test(name)) throw new WireError(field, 'is no name of a backup');
  return name;
}

/** Short copies share a block: a buffer of its own costs more than the copying, and the collector most. */
const SHARED_BLOCK = 8 * 1024;
const SHARED_PIECE_MAX = 1024;
let block = new Uint8Array(SHARED_BLOCK);
let blockUsed = 0;

export function copyOf(source: Buffer, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length > SHARED_PIECE_MAX) return new Uint8Array(source.subarray(start, end));
  if (blockUsed + length > SHARED_BLOCK) {
    block = new Uint8Array(SHARED_BLOCK);
    blockUsed = 0;
  }
  source.copy(block, blockUsed, start, end);
  const copy = block.subarray(blockUsed, blockUsed + length);
  blockUsed += length;
  return copy;
}

/** A path from another stage, which has checked it. */
export function stagePathOf(value: Field<string>, field: string): ZnodePath {
  if (value === null || value === undefined || !value.startsWith('/')) {
    throw new WireError(field, 'does not start with "/"');
  }
  return trustedPath(value);
}

export function pathsOf(values: Field<readonly string[]>): ZnodePath[] {
  return (values ?? []).map((it) => stagePathOf(it, 'path of a list'));
}

/** A path from a client, which nobody has checked. */
export function clientPathOf(value: Field<string>, field: string): ZnodePath {
  const parse = parseZnodePath(value ?? '');
  if (!parse.ok) throw new WireError(field, `is no path: ${parse.reason}`);
  return parse.path;
}

export function isPresent<T>(value: Field<T>): value is T {
  return value !== null && value !== undefined;
}

export function presentOf<T>(value: Field<T>, field: string): T {
  if (value === null || value === undefined) throw new WireError(field, 'is missing');
  return value;
}
