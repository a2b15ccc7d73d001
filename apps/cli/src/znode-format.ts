import { decodeText, formatSessionId, formatZxid } from '@paddock/client';
import type { Stat } from '@paddock/client';

/** Data as JSON can hold it: text where it is UTF-8, else base64. */
export type DataJson = { readonly data: string } | { readonly base64: string };

export function dataToJson(data: Uint8Array): DataJson {
  const text = textOf(data);
  return text === null ? { base64: Buffer.from(data).toString('base64') } : { data: text };
}

/** The data as text; null where it is not UTF-8. */
export function textOf(data: Uint8Array): string | null {
  try {
    return decodeText(data);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

export function statToJson(stat: Stat): Record<string, string | number | null> {
  return {
    czxid: formatZxid(stat.czxid),
    mzxid: formatZxid(stat.mzxid),
    pzxid: formatZxid(stat.pzxid),
    ctime: new Date(stat.ctime).toISOString(),
    mtime: new Date(stat.mtime).toISOString(),
    version: stat.version,
    cversion: stat.cversion,
    ephemeralOwner: stat.ephemeralOwner === 0 ? null : formatSessionId(stat.ephemeralOwner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
    kind: stat.kind,
    ttlMs: stat.ttlMs === 0 ? null : stat.ttlMs,
  };
}

export function statLines(stat: Stat): string {
  return Object.entries(statToJson(stat))
    .map(([name, value]) => `${name.padEnd(15)} ${value ?? '-'}`)
    .join('\n');
}
