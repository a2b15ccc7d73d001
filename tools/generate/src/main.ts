// Makes libs/contracts/gen from protos/: one module with every message, one with the descriptors
// that server reflection serves. Written aside and then moved, since a server may be starting.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDescriptors } from './descriptors.ts';
import { writeMessages } from './messages.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const protosFolder = join(root, 'protos');
const contractsFolder = join(root, 'libs/contracts');
const generatedFolder = join(contractsFolder, 'gen');

const started = new Date();
const files = readdirSync(protosFolder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.proto') && !file.includes('node_modules'))
  .sort();

mkdirSync(generatedFolder, { recursive: true });
const draftFolder = mkdtempSync(join(contractsFolder, '.gen-'));
try {
  await Promise.all([
    writeMessages({ root, protosFolder, files, draftFolder }),
    writeDescriptors({ root, protosFolder, files, draftFolder }),
  ]);
  for (const file of readdirSync(draftFolder)) {
    // A proto that is edited while we generate must look newer than what we made of it.
    utimesSync(join(draftFolder, file), started, started);
    renameSync(join(draftFolder, file), join(generatedFolder, file));
  }
} finally {
  rmSync(draftFolder, { recursive: true, force: true });
}
