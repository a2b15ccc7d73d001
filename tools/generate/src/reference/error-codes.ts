// The codes by which refusals are named, as the comments of the contract write them.
import type { Contract, EnumValue } from './contract.ts';

export const ERROR_CODE = 'ErrorCode';
const PREFIX = 'ERROR_CODE_';
const NEVER_SENT = 'UNSPECIFIED';

/** Without the prefix that protobuf's style wants. */
export function shortCode({ name }: EnumValue): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

/** By their short names, without the one that is never sent. */
export function errorCodesOf({ enums }: Contract): ReadonlyMap<string, EnumValue> {
  const values = enums.find((it) => it.name === ERROR_CODE)?.values ?? [];
  const codes = new Map(values.map((it) => [shortCode(it), it]));
  codes.delete(NEVER_SENT);
  return codes;
}

/** `noNode` of the sources is NO_NODE of the contract. */
export function contractCode(code: string): string {
  return code.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
