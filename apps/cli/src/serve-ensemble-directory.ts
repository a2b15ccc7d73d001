import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  assertUnlocked,
  assertWritable,
  DATA_FORMAT,
  ensembleSchema,
  lockDirectory,
  makeDirectory,
  OperatorError,
  reasonOf,
} from '@paddock/node-runtime';
import type { EnsembleMember } from '@paddock/node-runtime';
import { PeerAddresses } from './serve-peer-address.ts';

/** The least that goes on when one of them fails. */
const DEFAULT_REPLICAS = 3;

const ENSEMBLE_FILE = 'ensemble.json';

const ensembleFileSchema = z.looseObject({
  format: z.int().min(1),
  /** Voters; observers come on top. */
  replicas: z.int().min(1),
  observers: z.int().min(0).default(0),
  /** Missing in an ensemble of one, which nobody dials. */
  members: ensembleSchema.default([]),
});

export interface EnsembleSize {
  /** Voters. */
  readonly replicas: number;
  readonly observers: number;
}

/** As far as the person has said. */
interface WantedSize {
  readonly replicas: number | undefined;
  readonly observers: number | undefined;
}

export interface EnsembleDirectory extends EnsembleSize {
  /** No ensemble was founded there yet. */
  readonly isNew: boolean;
  readonly path: string;
  /** As it was founded, or as it grew; those that are not in it have no address yet. */
  readonly members: readonly EnsembleMember[];
  /** What to tell the person about a choice that was made for them. */
  readonly notices: readonly string[];
}

type Stored = z.infer<typeof ensembleFileSchema>;

function stored(file: string): Stored | undefined {
  if (!existsSync(file)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new OperatorError(
      `${file} cannot be read (${reasonOf(error)}): restore it, or serve from another --data`,
    );
  }
  const parsed = ensembleFileSchema.safeParse(value);
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
  return parsed.data;
}

/** Reads the directory of an ensemble on this machine and touches nothing; the stored membership wins over `wanted`. */
export function readEnsembleDirectory(data: string, wanted: WantedSize): EnsembleDirectory {
  const path = resolve(data);
  const file = join(path, ENSEMBLE_FILE);
  assertWritable(path);
  const known = stored(file);
  if (known === undefined && existsSync(join(path, 'identity.json'))) {
    throw new OperatorError(
      `${path} is the directory of one replica: give --data the directory that holds it, or --config its replica.json`,
    );
  }
  assertUnlocked(path);
  if (known === undefined) {
    const { replicas = DEFAULT_REPLICAS, observers = 0 } = wanted;
    return { path, replicas, observers, isNew: true, members: [], notices: [] };
  }
  const { replicas, members } = known;
  return { path, replicas, members, isNew: false, ...observersOf(known, path, wanted) };
}

/** Observers may come and go, as they never count; an ensemble of one has told nobody where it could be dialled. */
function observersOf(
  { replicas, observers, members }: Stored,
  path: string,
  wanted: WantedSize,
): Pick<EnsembleDirectory, 'observers' | 'notices'> {
  const notices: string[] = [];
  if (wanted.replicas !== undefined && wanted.replicas !== replicas) {
    notices.push(
      `${path} holds an ensemble of ${replicas}, so --replicas ${wanted.replicas} is not followed`,
    );
  }
  const isAlone = members.length === 0;
  if (isAlone && (wanted.observers ?? 0) > 0) {
    notices.push(
      `${path} was founded as an ensemble of one, so --observers ${wanted.observers} is not followed`,
    );
  }
  return { observers: isAlone ? 0 : (wanted.observers ?? observers), notices };
}

/** Who makes up the ensemble, each with the address that it has, or with one chosen now; empty: a replica alone. */
export async function membersOf(directory: EnsembleDirectory): Promise<readonly EnsembleMember[]> {
  const { replicas, observers, members: known } = directory;
  const size = replicas + observers;
  if (size === 1) return [];
  const addresses = new PeerAddresses(known.map(({ address }) => address));
  const members: EnsembleMember[] = [];
  for (let replica = 1; replica <= size; replica++) {
    const address = known.find((member) => member.replica === replica)?.address;
    members.push({
      replica,
      address: address ?? (await addresses.choose()),
      role: replica <= replicas ? 'voter' : 'observer',
    });
  }
  return members;
}

/** Takes the directory for this process, creating it at its first use. Returns the release. */
export function takeEnsembleDirectory(
  { path, replicas, observers }: EnsembleDirectory,
  members: readonly EnsembleMember[],
): () => void {
  makeDirectory(path);
  const release = lockDirectory(path);
  const file = join(path, ENSEMBLE_FILE);
  const ensemble = members.length === 0 ? {} : { observers, members };
  const content = `${JSON.stringify({ format: DATA_FORMAT, replicas, ...ensemble }, null, 2)}\n`;
  if (members.length > 0 ? !isContentOf(file, content) : !existsSync(file)) {
    // Whole or not at all: the replicas cannot find one another without it.
    writeFileSync(`${file}.tmp`, content, { flush: true });
    renameSync(`${file}.tmp`, file);
  }
  return release;
}

function isContentOf(file: string, content: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8') === content;
}
