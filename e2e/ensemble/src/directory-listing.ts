import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file and folder below, with size and time of the last change: what "nothing touched" is compared by. */
export function listing(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(directory, name));
      return `${name} ${size} ${mtimeMs}`;
    });
}
