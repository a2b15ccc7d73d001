import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const sightingSchema = z.union([
  /** The first seed that breaks a promise, and the checkers that said so, joined. */
  z.object({ seed: z.number(), checkers: z.string() }),
  /** So many seeds break none. */
  z.object({ missedBy: z.number() }),
]);

const recordSchema = z.record(z.string(), sightingSchema);

export type Sighting = z.infer<typeof sightingSchema>;

/** What was seen of each fault when it was last planted, by the fault's id. */
export type FaultRecord = ReadonlyMap<string, Sighting>;

const path = fileURLToPath(new URL('../record.json', import.meta.url));

export function readRecord(): FaultRecord {
  if (!existsSync(path)) return new Map();
  return new Map(Object.entries(recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')))));
}

/** In the order of `ids`; what is recorded of others goes. */
export function writeRecord(record: FaultRecord, ids: readonly string[]): void {
  const entries = ids.flatMap((id) => {
    const sighting = record.get(id);
    return sighting === undefined ? [] : [`  ${JSON.stringify(id)}: ${textOf(sighting)}`];
  });
  writeFileSync(path, `{\n${entries.join(',\n')}\n}\n`);
}

/** As the formatter writes it. */
function textOf(sighting: Sighting): string {
  const fields = Object.entries(sighting).map(
    ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `{\n${fields.join(',\n')}\n  }`;
}
