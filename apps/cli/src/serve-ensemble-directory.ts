import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  assertWritable,
  DATA_FORMAT,
  lockDirectory,
  OperatorError,
  reasonOf,
} from '@paddock/node-runtime';

/** How many replicas this version can serve: replication between broadcasters is what more of them need. */
const REPLICAS_SERVED = 1;

const ensembleSchema = z.looseObject({ format: z.int().min(1), replicas: z.int().min(1) });

export interface EnsembleDirectory {
  readonly path: string;
  readonly replicas: number;
  /** What to tell the person about a choice that was made for them. */
  readonly notices: readonly string[];
  release(): void;
}

function stored(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new OperatorError(
      `${file} cannot be read (${reasonOf(error)}): restore it, or serve from another --data`,
    );
  }
  const parsed = ensembleSchema.safeParse(value);
  if (!parsed.success) {
    throw new OperatorError(
      `${file} does not describe a Paddock ensemble: serve from another --data`,
    );
  }
  if (parsed.data.format > DATA_FORMAT) {
    throw new OperatorError(
      `${file} was written by a newer Paddock (format ${parsed.data.format}, this one reads ${DATA_FORMAT}): ` +
        'use that version, or serve from another --data',
    );
  }
  return parsed.data.replicas;
}

/** Opens the directory of an ensemble on this machine; the membership stored there wins over `wanted`. */
export function openEnsembleDirectory(data: string, wanted: number | undefined): EnsembleDirectory {
  const path = resolve(data);
  const file = join(path, 'ensemble.json');
  const known = stored(file);
  const replicas = known ?? wanted ?? REPLICAS_SERVED;
  if (replicas > REPLICAS_SERVED) {
    throw new OperatorError(
      `${replicas} replicas were asked for; this version serves an ensemble of one: --replicas 1`,
    );
  }
  assertWritable(path);
  mkdirSync(path, { recursive: true });
  const release = lockDirectory(path);
  if (known === undefined) {
    writeFileSync(file, `${JSON.stringify({ format: DATA_FORMAT, replicas })}\n`);
  }
  const notices =
    known !== undefined && wanted !== undefined && known !== wanted
      ? [`${path} holds an ensemble of ${known}, so --replicas ${wanted} is not followed`]
      : [];
  return { path, replicas, notices, release };
}
