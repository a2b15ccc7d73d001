// A registry on loopback that has what was packed here and what that stands on, as it is installed here: so that
// people's commands can be run word for word, without a network.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { root } from './newcomer.ts';

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

type Manifest = z.infer<typeof manifestSchema>;

interface Archive {
  readonly manifest: Manifest;
  readonly file: string;
}

export interface LocalRegistry {
  /** For npm, as `npm_config_registry`. */
  readonly url: string;
  close(): void;
}

/** Serves the archives of a folder, and `others` of the workspace's packages; all with what they depend on. */
export async function serveRegistry(
  archives: string,
  others: readonly string[] = [],
): Promise<LocalRegistry> {
  const found = new Map<string, Archive>();
  const ours = readdirSync(archives).filter((it) => it.endsWith('.tgz'));
  for (const file of ours) {
    const archive = join(archives, file);
    const text = execFileSync('tar', ['xzOf', archive, 'package/package.json'], {
      encoding: 'utf8',
    });
    const manifest = manifestSchema.parse(JSON.parse(text));
    found.set(keyOf(manifest), { manifest, file: archive });
  }
  const folder = join(archives, 'others');
  mkdirSync(folder, { recursive: true });
  const needed = [...found.values()].flatMap(({ manifest }) => Object.keys(manifest.dependencies));
  for (const name of [...needed, ...others]) {
    if (!name.startsWith('@paddock/')) addInstalled(name, root, folder, found);
  }
  return serve(found);
}

function addInstalled(
  name: string,
  from: string,
  folder: string,
  found: Map<string, Archive>,
): void {
  const place = installed(name, from);
  if (place === undefined) return;
  const manifest = manifestSchema.parse(
    JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')),
  );
  if (found.has(keyOf(manifest))) return;
  const file = join(folder, `${name.replace('/', '+')}-${manifest.version}.tgz`);
  const parts = ['--exclude', 'node_modules', '-C', dirname(place), basename(place)];
  execFileSync('tar', ['czf', file, ...parts]);
  found.set(keyOf(manifest), { manifest, file });
  for (const each of Object.keys(manifest.dependencies)) addInstalled(each, place, folder, found);
}

/** As Node looks for it; undefined where it was not installed, as on another system. */
function installed(name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return place;
  }
  return undefined;
}

function keyOf({ name, version }: Manifest): string {
  return `${name}@${version}`;
}

async function serve(found: ReadonlyMap<string, Archive>): Promise<LocalRegistry> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    const archive = found.get(path.replace(/^-\//, ''));
    if (archive !== undefined) response.end(readFileSync(archive.file));
    else answer(path, [...found.values()], request.headers.host ?? '', response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = z.custom<AddressInfo>().parse(server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

function answer(
  name: string,
  archives: readonly Archive[],
  host: string,
  response: ServerResponse,
): void {
  const versions = archives.filter(({ manifest }) => manifest.name === name);
  const newest = versions.at(-1)?.manifest.version;
  if (newest === undefined) {
    response.writeHead(404).end('{}');
    return;
  }
  const described = versions.map(({ manifest }) => {
    const tarball = `http://${host}/-/${encodeURIComponent(keyOf(manifest))}`;
    return [manifest.version, { ...manifest, dist: { tarball } }] as const;
  });
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      name,
      'dist-tags': { latest: newest },
      versions: Object.fromEntries(described),
    }),
  );
}
