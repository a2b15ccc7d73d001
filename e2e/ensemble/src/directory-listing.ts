import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A log goes on by itself while somebody serves from it: sessions end, and are written down. */
export const LIVING_LOG = /\/broadcaster\/log\.[^/]+$/;

/**
 * Every file below with a digest of its content, and every folder: what "nothing touched" is compared by. Of those that
 * `byName` matches only the name counts.
 */
export function listing(directory: string, byName?: RegExp): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) return `${path}/`;
      if (byName?.test(path) === true) return path;
      return `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)}`;
    })
    .sort();
}
