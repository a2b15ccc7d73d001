import type { Stat } from '@paddock/model';
import type { CallOptions } from './call-options.ts';
import type { Client } from './client.ts';
import { PaddockError } from './paddock-error.ts';
import type { Reflecting } from './reading.ts';
import type { ZnodeData } from './transaction.ts';

/** What is there before a change. */
export interface CurrentData {
  readonly data: Uint8Array;
  readonly stat: Stat;
}

/** Makes the next data of those that are there, or null; undefined: it stays as it is. */
export type ChangeData = (
  current: CurrentData | null,
) => ZnodeData | undefined | Promise<ZnodeData | undefined>;

type Updated = { readonly stat: Stat } & Reflecting;

/** Reads, changes and writes what nobody else has changed meanwhile; else begins again. */
export async function updateZnode(
  client: Client,
  path: string,
  change: ChangeData,
  options: CallOptions,
): Promise<Updated | null> {
  for (;;) {
    const current = await currentOf(client, path, options);
    const data = await change(current);
    if (data === undefined) return null;
    const updated = await written(client, path, data, current, options);
    if (updated !== null) return updated;
  }
}

async function currentOf(
  client: Client,
  path: string,
  options: CallOptions,
): Promise<CurrentData | null> {
  try {
    return await client.get(path, options);
  } catch (error) {
    if (isOf(error, 'noNode')) return null;
    throw error;
  }
}

/** Null where somebody else was faster. The replica that is read next has seen why (P3). */
async function written(
  client: Client,
  path: string,
  data: ZnodeData,
  current: CurrentData | null,
  options: CallOptions,
): Promise<Updated | null> {
  try {
    if (current === null) return await client.create(path, data, options);
    return await client.set(path, data, { ...options, version: current.stat.version });
  } catch (error) {
    const [first, second] = current === null ? ['nodeExists'] : ['badVersion', 'noNode'];
    if (isOf(error, first) || isOf(error, second)) return null;
    throw error;
  }
}

function isOf(error: unknown, code: string | undefined): boolean {
  return error instanceof PaddockError && error.code === code;
}
