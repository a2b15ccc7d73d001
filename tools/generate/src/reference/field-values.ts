// What a field may have, and what it has where it is not set.
import type { Contract, Field } from './contract.ts';

const WHOLE_NUMBER = /^(u?int|s?fixed|sint)(32|64)$/;

/** The range with its unit; null where the comment should give it and does not. */
export function rangeOf(field: Field): string | null {
  const { name, type, label, comment } = field;
  if (comment.range !== null) return comment.range;
  if (type === 'fixed32' && /(^|_)epoch$/.test(name)) return '0 to 2^21 - 1';
  if (type === 'fixed32' && /(^|_)counter$/.test(name)) return '0 to 2^32 - 1';
  if (type === 'string') return name === 'path' ? 'a path' : 'text';
  if (type === 'bytes' || WHOLE_NUMBER.test(type) || /^(float|double)$/.test(type)) return null;
  return label === 'repeated' ? 'any number' : '';
}

/** As protobuf has it: what is not set is not sent, and reads as this. */
export function defaultOf(field: Field, contract: Contract): string {
  const { type, label, oneof } = field;
  if (label === 'repeated') return 'none';
  if (label === 'optional' || oneof !== null) return 'absent';
  if (type === 'bool') return 'false';
  if (type === 'string' || type === 'bytes') return 'empty';
  if (WHOLE_NUMBER.test(type) || /^(float|double)$/.test(type)) return '0';
  const enumeration = contract.enums.find((it) => it.name === type);
  return enumeration === undefined ? 'absent' : `\`${enumeration.values[0]?.name ?? ''}\``;
}
