// Protobuf without its schema: a message as its fields, and back.

export interface WireField {
  /** The tag's byte: every field here has a number below 16. */
  readonly tag: number;
  readonly isNested: boolean;
  /** The field's bytes behind its tag and, where it has one, its length. */
  readonly content: Uint8Array;
}

/** A message within a message. */
export function nested(tag: number, content: Uint8Array): WireField {
  return { tag, isNested: true, content };
}

export function fieldsOf(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++] ?? 0;
    const type = tag & 7;
    let length = type === 1 ? 8 : 4;
    if (type === 0 || type === 2) {
      let value = 0;
      const start = at;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++] ?? 0;
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) break;
      }
      if (type === 0) {
        fields.push({ tag, isNested: false, content: bytes.subarray(start, at) });
        continue;
      }
      length = value;
    }
    fields.push({ tag, isNested: type === 2, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

export function joined(fields: readonly WireField[]): Uint8Array {
  const bytes: number[] = [];
  for (const { tag, isNested, content } of fields) {
    bytes.push(tag);
    if (isNested) {
      let length = content.length;
      for (; length > 0x7f; length >>>= 7) bytes.push((length & 0x7f) | 0x80);
      bytes.push(length);
    }
    bytes.push(...content);
  }
  return Uint8Array.from(bytes);
}

/** Adds a field that nobody knows, which generated classes write last, to one message of all that are nested. */
export function addUnknown(messages: readonly object[], place: number): void {
  const all: object[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null && 'constructor' in value) {
      if (ArrayBuffer.isView(value) || 'low' in value) return;
      all.push(value);
      Object.values(value).forEach(visit);
    }
  };
  visit(messages);
  Object.assign(all[place % all.length] ?? {}, { $unknowns: [Uint8Array.of(0xf8, 0x01, 0x05)] });
}
