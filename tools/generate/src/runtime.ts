// The part of protobufjs that the generated messages import, with one thing replaced: its setter of a
// oneof deletes every other member, which for a oneof of sixteen kinds costs more than all the rest
// of decoding. Ours remembers the name instead. The last member on the wire still names the kind.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sources } from './sources.ts';

/** How the generated module names the runtime, beside it. */
export const runtimeModule = './runtime.js';

const source = `import protobuf from 'protobufjs/minimal.js';

const { util } = protobuf;

// A oneof of a single member is an optional field: presence is all there is to it.
function oneOfGetter(names) {
  const scan = util.oneOfGetter(names);
  if (names.length === 1) return scan;
  return function () {
    return this.$which ?? scan.call(this);
  };
}

function oneOfSetter(names) {
  if (names.length === 1) return util.oneOfSetter(names);
  return function (name) {
    this.$which = name;
  };
}

export default {
  Reader: protobuf.Reader,
  Writer: protobuf.Writer,
  roots: protobuf.roots,
  util: Object.create(util, {
    oneOfGetter: { value: oneOfGetter },
    oneOfSetter: { value: oneOfSetter },
  }),
};
`;

const declaration = `export { Reader, Writer, roots, util } from 'protobufjs/minimal.js';
`;

export function writeRuntime(sources: Sources): void {
  writeFileSync(join(sources.draftFolder, 'runtime.js'), source);
  writeFileSync(join(sources.draftFolder, 'runtime.d.ts'), declaration);
}
