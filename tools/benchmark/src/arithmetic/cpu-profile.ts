// What `node --cpu-prof` writes, summed up: in which functions a process spent its own time.
import { z } from 'zod';

const profileSchema = z.looseObject({
  nodes: z.array(
    z.looseObject({
      id: z.number(),
      callFrame: z.looseObject({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
      }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export interface SelfTime {
  /** "name file:line", or what V8 calls it: "(garbage collector)", "(program)". */
  readonly place: string;
  readonly milliseconds: number;
  /** Of the time in which the process was not idle. */
  readonly share: number;
}

export interface ProfileSums {
  /** By library, package or part of Node. */
  readonly libraries: readonly SelfTime[];
  readonly functions: readonly SelfTime[];
}

type Frame = z.infer<typeof profileSchema>['nodes'][number]['callFrame'];

const IDLE = '(idle)';

function nameOf({ functionName }: Frame): string {
  // Generated code names a method by all the namespaces around it.
  return functionName === '' ? '(anonymous)' : functionName.split('.').slice(-2).join('.');
}

function functionOf(frame: Frame): string {
  if (frame.url === '') return nameOf(frame);
  const file = frame.url.split('/').slice(-3).join('/');
  return `${nameOf(frame)} ${file}:${frame.lineNumber + 1}`;
}

function libraryOf(frame: Frame): string {
  const { url } = frame;
  const library = /\/(?:libs|apps|tools)\/([^/]+)\//.exec(url)?.[1];
  if (library !== undefined) return library;
  const installed = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (installed !== undefined) return installed;
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  return frame.functionName.startsWith('(') ? frame.functionName : '(built-in functions)';
}

/** The most self time first, idle time left out; `text` is a .cpuprofile. */
export function sumUp(text: string, count: number): ProfileSums {
  const profile = profileSchema.parse(JSON.parse(text));
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const libraries = new Map<string, number>();
  for (const [i, sample] of profile.samples.entries()) {
    const frame = frames.get(sample);
    if (frame === undefined || frame.functionName === IDLE) continue;
    const spent = profile.timeDeltas[i] ?? 0;
    add(functions, functionOf(frame), spent);
    add(libraries, libraryOf(frame), spent);
  }
  return { libraries: selfTimes(libraries, count), functions: selfTimes(functions, count) };
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function selfTimes(microseconds: ReadonlyMap<string, number>, count: number): SelfTime[] {
  let busy = 0;
  for (const spent of microseconds.values()) busy += spent;
  return [...microseconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([place, spent]) => ({ place, milliseconds: spent / 1000, share: spent / busy }));
}
