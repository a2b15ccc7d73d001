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

const IDLE = '(idle)';

function placeOf(frame: { functionName: string; url: string; lineNumber: number }): string {
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
  if (frame.url === '') return name;
  const file = frame.url.split('/').slice(-3).join('/');
  return `${name} ${file}:${frame.lineNumber + 1}`;
}

/** The functions with the most self time, idle time left out; `text` is a .cpuprofile. */
export function selfTimes(text: string, count: number): SelfTime[] {
  const profile = profileSchema.parse(JSON.parse(text));
  const places = new Map(profile.nodes.map((node) => [node.id, placeOf(node.callFrame)]));
  const microseconds = new Map<string, number>();
  let busy = 0;
  for (const [i, sample] of profile.samples.entries()) {
    const place = places.get(sample) ?? '(unknown)';
    if (place === IDLE) continue;
    const spent = profile.timeDeltas[i] ?? 0;
    busy += spent;
    microseconds.set(place, (microseconds.get(place) ?? 0) + spent);
  }
  return [...microseconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([place, spent]) => ({ place, milliseconds: spent / 1000, share: spent / busy }));
}
