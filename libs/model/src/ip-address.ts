/** The 4 or 16 bytes of an address as text; null where it is none. One of IPv4 within IPv6 is that of IPv4. */
export function addressBytes(text: string): readonly number[] | null {
  if (!text.includes(':')) return version4(text);
  const withoutZone = text.split('%', 1)[0] ?? '';
  const halves = withoutZone.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  const bytes = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const isVersion4 = bytes.every((byte, at) => at >= 12 || byte === (at < 10 ? 0 : 0xff));
  return isVersion4 ? bytes.slice(12) : bytes;
}

function version4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((it) => /^\d{1,3}$/.test(it))) return null;
  const bytes = parts.map(Number);
  return bytes.every((it) => it <= 255) ? bytes : null;
}

/** The bytes of the groups of an IPv6 address; the last one may be an address of IPv4. */
function groups(text: string): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (at === parts.length - 1 && part.includes('.')) {
      const last = version4(part);
      if (last === null) return null;
      bytes.push(...last);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const group = Number.parseInt(part, 16);
      bytes.push(group >>> 8, group & 0xff);
    } else return null;
  }
  return bytes;
}

interface AddressRange {
  readonly bytes: readonly number[];
  readonly bits: number;
}

function rangeOf(text: string): AddressRange | null {
  const [address = '', suffix, ...rest] = text.split('/');
  const bytes = addressBytes(address);
  if (bytes === null || rest.length > 0) return null;
  if (suffix === undefined) return { bytes, bits: 8 * bytes.length };
  const bits = /^\d{1,3}$/.test(suffix) ? Number(suffix) : NaN;
  return bits <= 8 * bytes.length ? { bytes, bits } : null;
}

/** Null where it is an address, or one with the number of its bits that count: "10.0.0.0/8". */
export function faultOfAddressRange(text: string): string | null {
  if (rangeOf(text) !== null) return null;
  return `"${text}" is neither an address nor one with its number of bits, as 10.0.0.0/8`;
}

export function isAddressWithin(address: string, range: string): boolean {
  const bytes = addressBytes(address);
  const within = rangeOf(range);
  if (bytes === null || within?.bytes.length !== bytes.length) return false;
  for (const [at, byte] of bytes.entries()) {
    const bits = Math.min(8, within.bits - 8 * at);
    if (bits <= 0) return true;
    if ((byte ^ (within.bytes[at] ?? 0)) >>> (8 - bits) !== 0) return false;
  }
  return true;
}

/** Whether a host, by name or address, is this machine itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
