import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  assertUnlocked,
  assertWritable,
  DATA_FORMAT,
  lockDirectory,
  makeDirectory,
  OperatorError,
  reasonOf,
} from '@paddock/node-runtime';

/** How many replicas this version can serve: replication between broadcasters is what more of them need. */
const REPLICAS_SERVED = 1;

const ENSEMBLE_FILE = 'ensemble.json';

const ensembleSchema = z.looseObject({ format: z.int().min(1), replicas: z.int().min(1) });

export interface EnsembleDirectory {
  readonly path: string;
  readonly replicas: number;
  /** What to tell the person about a choice that was made for them. */
  readonly notices: readonly string[];
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

/** Reads the directory of an ensemble on this machine and touches nothing; the stored membership wins over `wanted`. */
export function readEnsembleDirectory(data: string, wanted: number | undefined): EnsembleDirectory {
  const path = resolve(data);
  const file = join(path, ENSEMBLE_FILE);
  assertWritable(path);
  const known = stored(file);
  if (known === undefined && existsSync(join(path, 'identity.json'))) {
    throw new OperatorError(
      `${path} is the directory of one replica: give --data the directory that holds it, or --config its replica.json`,
    );
  }
  const replicas = known ?? wanted ?? REPLICAS_SERVED;
  if (replicas > REPLICAS_SERVED) {
    throw new OperatorError(
      `${replicas} replicas were asked for; this version serves an ensemble of one: --replicas 1`,
    );
  }
  assertUnlocked(path);
  const notices =
    known !== undefined && wanted !== undefined && known !== wanted
      ? [`${path} holds an ensemble of ${known}, so --replicas ${wanted} is not followed`]
      : [];
  return { path, replicas, notices };
}

/** Takes the directory for this process, creating it at its first use. Returns the release. */
export function takeEnsembleDirectory({ path, replicas }: EnsembleDirectory): () => void {
  makeDirectory(path);
  const release = lockDirectory(path);
  const file = join(path, ENSEMBLE_FILE);
  if (!existsSync(file)) {
    writeFileSync(file, `${JSON.stringify({ format: DATA_FORMAT, replicas })}\n`);
  }
  return release;
}
