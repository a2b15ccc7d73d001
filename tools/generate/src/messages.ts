// The messages of all packages as one static module: pbjs writes one module a call, and several
// calls would each have their own copy of a message that is shared.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeModule, writeRuntime } from './runtime.ts';
import { runTool, type Sources } from './sources.ts';

// Conversion to and from plain objects, verification, type URLs and service classes are not used:
// they would be most of the module. Comments must stay, or the declaration file comes out empty.
const flags = [
  ...['--target', 'static-module', '--wrap', 'esm', '--dts', '--root', 'paddock', '--path', '.'],
  ...['--dependency', runtimeModule],
  ...['--no-convert', '--no-verify', '--no-delimited', '--no-typeurl', '--no-service'],
];

export async function writeMessages(sources: Sources): Promise<void> {
  const module = join(sources.draftFolder, 'index.js');
  if (sources.files.length === 0) {
    writeFileSync(module, 'export const paddock = {};\n');
    writeFileSync(join(sources.draftFolder, 'index.d.ts'), 'export const paddock: object;\n');
    return;
  }
  writeRuntime(sources);
  await runTool(sources, 'pbjs', [...flags, '--out', module, ...sources.files]);
}
