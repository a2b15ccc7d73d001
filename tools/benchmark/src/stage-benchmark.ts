// One stage alone: its core with scripted neighbours, and its links over gRPC with both ends in one
// process. What is measured lies beside what it measures, in each library's bench folder.
import { z } from 'zod';
import { figure, tableLines } from './arithmetic/table.ts';

interface Stage {
  readonly cores: readonly string[];
  /** A link's measurements begin with the names of its two ends. */
  readonly end: string;
}

export const STAGES: Readonly<Record<string, Stage>> = {
  'session-frontend': { cores: ['session-core/bench/session-core.bench.ts'], end: 'front-end' },
  'request-processor': {
    cores: ['processor-core/bench/processor-core.bench.ts'],
    end: 'processor',
  },
  'zab-broadcaster': {
    cores: ['zab-core/bench/broadcaster-core.bench.ts', 'txn-log/bench/txn-log.bench.ts'],
    end: 'broadcaster',
  },
  'replicated-database': { cores: ['tree-core/bench/database-core.bench.ts'], end: 'database' },
};

const LINKS = 'link-grpc/bench/link-grpc.bench.ts';

const measurement = z.object({
  name: z.string(),
  operations: z.number(),
  perSecond: z.number(),
  /** CPU of this process; where it is not told, one processor was busy all the time. */
  microsPerOperation: z.number().optional(),
});

const benchModule = z.looseObject({
  run: z.custom<() => unknown>((value) => typeof value === 'function'),
});

type Measurement = z.infer<typeof measurement>;

async function measured(file: string): Promise<Measurement[]> {
  const loaded: unknown = await import(new URL(`../../../libs/${file}`, import.meta.url).href);
  const { run } = benchModule.parse(loaded);
  return z.array(measurement).parse(await run());
}

function row({ name, perSecond, microsPerOperation }: Measurement): string[] {
  return [name, figure(perSecond), figure(microsPerOperation ?? 1e6 / perSecond)];
}

/** Whether a link's measurement is of a link that this stage has an end of. */
export function isOfLink(name: string, end: string): boolean {
  const [ends = ''] = name.split(':');
  return ends.split(', ').includes(end);
}

export async function benchmarkStage(stage: Stage, json: boolean): Promise<void> {
  const core: Measurement[] = [];
  for (const file of stage.cores) core.push(...(await measured(file)));
  const links = (await measured(LINKS)).filter(({ name }) => isOfLink(name, stage.end));
  if (json) {
    console.log(JSON.stringify({ core, links }));
    return;
  }
  const head = ['', 'operations/s', 'µs each'];
  const lines = tableLines([head, ...core.map(row), ['over gRPC'], ...links.map(row)]);
  console.log(lines.join('\n'));
}
