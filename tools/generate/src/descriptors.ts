// The descriptor of each .proto file, as server reflection needs it. Buf compiles them, since
// protobufjs' own descriptors are wrong for map fields and for imports across packages.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader } from 'protobufjs/minimal.js';
import descriptor from 'protobufjs/ext/descriptor.js';
import { runTool, type Sources } from './sources.ts';

interface FileDescriptor {
  readonly name: string;
  readonly deps: readonly string[];
  readonly services: readonly string[];
  readonly symbols: readonly string[];
  /** The serialized google.protobuf.FileDescriptorProto, in base64. */
  readonly bytes: string;
}

const declaration = `/** A .proto file as server reflection serves it. */
export interface FileDescriptor {
  /** Its path, as an import names it. */
  readonly name: string;
  /** The names of the files that it imports. */
  readonly deps: readonly string[];
  /** The full names of its services. */
  readonly services: readonly string[];
  /** The full names of everything that it declares: services, methods, messages, enums. */
  readonly symbols: readonly string[];
  /** The serialized google.protobuf.FileDescriptorProto. */
  readonly bytes: Uint8Array;
}
/** Every file of protos/ and what they import, a file after all that it imports. */
export const fileDescriptors: readonly FileDescriptor[];
`;

export async function writeDescriptors(sources: Sources): Promise<void> {
  const files = sources.files.length === 0 ? [] : await compile(sources);
  const lines = files.map((file) => {
    const { bytes, ...rest } = file;
    return `  { ...${JSON.stringify(rest)}, bytes: bytes('${bytes}') },\n`;
  });
  writeFileSync(
    join(sources.draftFolder, 'descriptors.js'),
    "const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'));\n\n" +
      `export const fileDescriptors = [\n${lines.join('')}];\n`,
  );
  writeFileSync(join(sources.draftFolder, 'descriptors.d.ts'), declaration);
}

async function compile(sources: Sources): Promise<FileDescriptor[]> {
  const image = join(sources.draftFolder, 'image.binpb');
  const output = ['--as-file-descriptor-set', '--exclude-source-info', '--output', image];
  await runTool(sources, 'buf', ['build', '.', ...output]);
  const set = readFileSync(image);
  rmSync(image);
  return split(set).map(describe);
}

// A FileDescriptorSet is nothing but field 1, repeated: cut out, each file keeps its exact bytes.
function split(set: Uint8Array): Uint8Array[] {
  const reader = Reader.create(set);
  const files: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    reader.uint32();
    files.push(reader.bytes());
  }
  return files;
}

/** What of a google.protobuf.FileDescriptorProto is read; protobufjs' own type leaves half of it out. */
interface FileShape {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
  readonly service: readonly (Named & { readonly method: readonly Named[] })[];
  readonly messageType: readonly MessageShape[];
  readonly enumType: readonly Named[];
}

interface MessageShape extends Named {
  readonly nestedType: readonly MessageShape[];
  readonly enumType: readonly Named[];
}

interface Named {
  readonly name: string;
}

function describe(bytes: Uint8Array): FileDescriptor {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- the shape is the format's
  const file = descriptor.FileDescriptorProto.decode(bytes) as unknown as FileShape;
  const prefix = file.package === '' ? '' : `${file.package}.`;
  return {
    name: file.name,
    deps: file.dependency,
    services: file.service.map(({ name }) => prefix + name),
    symbols: [
      ...file.service.flatMap(({ name, method }) => [
        prefix + name,
        ...method.map((it) => `${prefix}${name}.${it.name}`),
      ]),
      ...file.messageType.flatMap((message) => symbolsOf(message, prefix)),
      ...file.enumType.map(({ name }) => prefix + name),
    ],
    bytes: Buffer.from(bytes).toString('base64'),
  };
}

function symbolsOf(message: MessageShape, prefix: string): string[] {
  const name = prefix + message.name;
  return [
    name,
    ...message.nestedType.flatMap((nested) => symbolsOf(nested, `${name}.`)),
    ...message.enumType.map((it) => `${name}.${it.name}`),
  ];
}
