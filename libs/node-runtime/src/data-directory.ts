import { randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { holdsLock, lockDirectory } from './directory-lock.ts';
import { OperatorError } from './operator-error.ts';
import { NODE_RANDOM } from './node-random.ts';
import { reasonOf, systemCodeOf } from './thrown.ts';

/** Raised when an older program could misread what a newer one has written. */
export const DATA_FORMAT = 1;

const DURABLE_STAGES = ['broadcaster', 'database'] as const;

/** The stages that keep something on disk. */
export type DurableStage = (typeof DURABLE_STAGES)[number];

/** Whose data this is (H7). The broadcaster's and the database's directories of a replica carry the same. */
export interface DirectoryIdentity {
  readonly format: number;
  readonly clusterId: string;
  readonly replica: number;
  /** Drawn when the replica's data is born: an emptied disk is a new voter, not the old one come back. */
  readonly incarnation: number;
}

export interface StageDirectory {
  readonly path: string;
  readonly identity: DirectoryIdentity;
  /** Releases the lock. */
  readonly release: () => void;
}

const IDENTITY_FILE = 'identity.json';
const GUARD_MS = 1000;
const WORD = 2 ** 32;

const identitySchema = z.strictObject({
  format: z.int().min(1),
  clusterId: z.string().min(1),
  replica: z.int().min(1),
  incarnation: z.int().min(1),
});

function readIdentity(directory: string): DirectoryIdentity | undefined {
  const file = join(directory, IDENTITY_FILE);
  if (!existsSync(file)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new OperatorError(
      `${file} cannot be read (${reasonOf(error)}): restore it from another copy`,
    );
  }
  const format = z.looseObject({ format: z.int() }).safeParse(value);
  if (format.success && format.data.format > DATA_FORMAT) {
    throw new OperatorError(
      `${directory} was written by a newer Paddock (format ${format.data.format}, this one reads ${DATA_FORMAT}): ` +
        `use that version, or another --data`,
    );
  }
  const parsed = identitySchema.safeParse(value);
  if (!parsed.success) {
    throw new OperatorError(`${file} is not an identity of a Paddock data directory`);
  }
  return parsed.data;
}

/** Creates the file whole or not at all, also against another process that does the same. */
function writeOnce(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.${randomUUID()}`;
  writeFileSync(temporary, content, { flush: true });
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function createIdentity(directory: string, replica: number): DirectoryIdentity {
  const identity: DirectoryIdentity = {
    format: DATA_FORMAT,
    clusterId: randomUUID(),
    replica,
    incarnation: 1 + NODE_RANDOM.below(WORD - 1),
  };
  writeOnce(join(directory, IDENTITY_FILE), `${JSON.stringify(identity)}\n`);
  const written = readIdentity(directory);
  if (written === undefined) {
    throw new OperatorError(`${directory} lost its identity while it was made`);
  }
  return written;
}

/** Throws an OperatorError unless files can be made in `directory`, or in the nearest parent that exists. */
export function assertWritable(directory: string): void {
  let place = directory;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  if (!statSync(place).isDirectory()) {
    throw new OperatorError(`${place} is no directory: serve from another --data`);
  }
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch {
    throw notWritable(place);
  }
}

/** Makes the directory and what is missing above it; throws an OperatorError where it can't be made. */
export function makeDirectory(directory: string): void {
  assertWritable(directory);
  try {
    makeOneByOne(directory);
  } catch {
    // What access(2) allows a superuser, the file system may still refuse.
    throw notWritable(directory);
  }
}

/** Node's own recursive mkdir never returns where a file system says ENOENT to all that is new, as /proc does. */
function makeOneByOne(directory: string): void {
  if (existsSync(directory)) return;
  makeOneByOne(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  }
}

function notWritable(place: string): OperatorError {
  return new OperatorError(
    `cannot write to ${place}: give this user the right to, or serve from another --data`,
  );
}

/**
 * Opens the directory of one stage of a replica, `<data>/<stage>`, creating it with the replica's identity at its
 * first use. Nothing is touched when it is locked, newer, another replica's, or half gone.
 */
export function openStageDirectory(
  data: string,
  stage: DurableStage,
  replica: number,
): StageDirectory {
  assertWritable(data);
  const path = join(data, stage);
  const bornMark = join(data, `${stage}.born`);
  const known = readIdentity(data);
  if (known !== undefined && known.replica !== replica) {
    throw new OperatorError(
      `${data} holds replica ${known.replica}, not ${replica}: serve from another --data`,
    );
  }
  const own = readIdentity(path);
  if (own === undefined && existsSync(bornMark)) {
    throw new OperatorError(
      `${path} is gone or empty, though it once held the ${stage} of this replica: restore it, or remove ${data} ` +
        `whole, so that the replica starts as a new one`,
    );
  }
  for (const each of DURABLE_STAGES) {
    const found = readIdentity(join(data, each));
    if (found !== undefined && (known === undefined || !sameIdentity(found, known))) {
      throw new OperatorError(
        `${join(data, each)} and ${data} do not belong together: restore both from one replica`,
      );
    }
  }
  makeDirectory(path);
  const release = lockDirectory(path);
  try {
    const identity = known ?? createIdentity(data, replica);
    if (own === undefined) {
      writeOnce(join(path, IDENTITY_FILE), `${JSON.stringify(identity)}\n`);
      writeOnce(bornMark, '');
    }
    return { path, identity, release };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * What is written to a directory that was removed is lost, so the process that holds it must not go on (H7). `lost` is
 * called once, with the reason.
 */
export function guardStageDirectory(
  directory: StageDirectory,
  lost: (reason: string) => void,
): StageDirectory {
  const timer = setInterval(() => {
    if (holdsLock(directory.path)) return;
    clearInterval(timer);
    lost(`${directory.path} was removed under this process, or was taken by another one`);
  }, GUARD_MS);
  timer.unref();
  return {
    ...directory,
    release() {
      clearInterval(timer);
      directory.release();
    },
  };
}

function sameIdentity(a: DirectoryIdentity, b: DirectoryIdentity): boolean {
  return a.clusterId === b.clusterId && a.replica === b.replica && a.incarnation === b.incarnation;
}
