import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readContract, type Contract } from './contract.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

export const PAGE = join(root, 'docs/API.md');

/** As the page has them: what is called first, what that is made of behind it. */
const FILES = ['znodes', 'session', 'history', 'transaction', 'quota', 'znode', 'error'];

/** What clients are promised. */
export function readPublicContract(): Contract {
  return readContract(
    FILES.map((name) => {
      const file = join(root, 'protos/paddock/client/v1', `${name}.proto`);
      return readFileSync(file, 'utf8');
    }),
  );
}
