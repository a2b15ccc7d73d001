import { formatZxid, trustedZxid } from '@paddock/model';

const EPOCH = 2 ** 32;
/** Above it a number is a session or an incarnation, not a zxid: the simulation has few epochs. */
const ZXID_BOUND = 2 ** 44;

/** A message in a line: its kind, and what it says; of bytes only the length, of long lists only the count. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return value.map(describe).join(' | ');
  if (typeof value !== 'object' || value === null) return scalar(value);
  const parts: string[] = [];
  for (const [key, part] of Object.entries(value)) {
    parts.push(key === 'kind' ? scalar(part) : `${key}=${short(part)}`);
  }
  return parts.join(' ');
}

function short(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length}B`;
  if (Array.isArray(value)) {
    return value.length > 8 ? `${value.length} items` : `[${value.map(short).join(', ')}]`;
  }
  if (typeof value !== 'object' || value === null) return scalar(value);
  return `{${describe(value)}}`;
}

function scalar(value: unknown): string {
  if (typeof value !== 'number') return String(value);
  if (!Number.isInteger(value) || value < EPOCH) return String(value);
  return value < ZXID_BOUND ? formatZxid(trustedZxid(value)) : `#${(value % 0xffff).toString(16)}`;
}
