import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below with a digest of its content, and every folder: what "nothing touched" is compared by. */
export function listing(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) return `${path}/`;
      return `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)}`;
    })
    .sort();
}
