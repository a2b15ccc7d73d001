import { NO_TTL } from './operation.ts';
import type { WriteOperation } from './operation.ts';

const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;
const WORD = 2 ** 32;

function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, PRIME);
}

function mixText(hash: number, text: string): number {
  let h = mix(hash, text.length);
  for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i));
  return h;
}

function mixBytes(hash: number, bytes: Uint8Array): number {
  let h = mix(hash, bytes.length);
  // By index: an iterator over bytes costs four times as much.
  for (let i = 0; i < bytes.length; i++) h = mix(h, bytes[i] ?? 0);
  return h;
}

/** A 32-bit FNV-1a of a write: tells a resent request from a different one under the same sequence (H21 d). */
export function requestHash(operation: WriteOperation): number {
  let h = mixText(BASIS, operation.kind);
  switch (operation.kind) {
    case 'create':
      h = mixBytes(mixText(mixText(h, operation.path), operation.mode), operation.data);
      if (operation.ttlMs !== NO_TTL) h = mix(mix(h, operation.ttlMs / WORD), operation.ttlMs);
      break;
    case 'setData':
      h = mixBytes(mix(mixText(h, operation.path), operation.version), operation.data);
      break;
    case 'delete':
      h = mix(mixText(h, operation.path), operation.version);
      break;
    case 'refused':
      h = mixText(h, operation.code);
      break;
    case 'closeSession':
      break;
  }
  return h >>> 0;
}
