declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number };
}
declare class TextDecoder {
  constructor(label: 'utf-8', options: { readonly fatal: boolean; readonly ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longest text, in UTF-16 units, for which a loop beats the call into the platform. */
const SHORT_TO_ENCODE = 48;
/** Beyond it V8 gathers what is appended in a tree of strings, which whoever reads the text has to flatten. */
const SHORT_TO_DECODE = 12;

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes `text` as UTF-8 at `offset` and returns the bytes written; `target` must have 3 bytes a unit left. */
export function encodeTextInto(text: string, target: Uint8Array, offset: number): number {
  const length = text.length;
  if (length <= SHORT_TO_ENCODE) {
    let i = 0;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) break;
      target[offset + i] = unit;
    }
    if (i === length) return length;
  }
  return encoder.encodeInto(text, target.subarray(offset)).written;
}

/** Throws a TypeError where the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start <= SHORT_TO_DECODE) {
    let text = '';
    let i = start;
    for (; i < end; i++) {
      const byte = bytes[i] ?? 0;
      if (byte > 0x7f) break;
      text += String.fromCharCode(byte);
    }
    if (i === end) return text;
  }
  return decoder.decode(bytes.subarray(start, end));
}

/** The text for a person to read: of one that is longer than `most` units its beginning and its end. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 3);
  return `${text.slice(0, most - 1 - end)}…${text.slice(text.length - end)}`;
}
