import type { Acl } from './acl.ts';
import { NO_TTL } from './operation.ts';
import type { WriteOperation } from './operation.ts';
import { QUOTA_LIMITS } from './quota.ts';
import type { Comparison, TransactionOperation, TransactionStep } from './transaction-operation.ts';

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
export function requestHash(operation: WriteOperation | TransactionOperation<string>): number {
  let h = mixText(BASIS, operation.kind);
  switch (operation.kind) {
    case 'create':
      h = mixBytes(mixText(mixText(h, operation.path), operation.mode), operation.data);
      if (operation.ttlMs !== NO_TTL) h = mixNumber(h, operation.ttlMs);
      h = mixAcl(h, operation.acl);
      break;
    case 'setAcl':
      h = mixAcl(mix(mixText(h, operation.path), operation.version), operation.acl);
      break;
    case 'setData':
      h = mixBytes(mix(mixText(h, operation.path), operation.version), operation.data);
      break;
    case 'delete':
      h = mix(mixText(h, operation.path), operation.version);
      break;
    case 'setQuota':
      h = mixText(h, operation.path);
      for (const it of QUOTA_LIMITS) h = mixNumber(h, operation.quota[it]);
      break;
    case 'transaction':
      h = mixTransaction(h, operation);
      break;
    case 'refused':
      h = mixText(h, operation.code);
      break;
    case 'closeSession':
      break;
  }
  return h >>> 0;
}

function mixTransaction(hash: number, operation: TransactionOperation<string>): number {
  let h = hash;
  const { guard, compare, then, otherwise } = operation;
  if (guard !== null) h = mixNumber(mixText(h, guard.path), guard.czxid);
  h = mix(h, compare.length);
  for (const it of compare) h = mixComparison(mixText(mixText(h, it.kind), it.path), it);
  for (const branch of [then, otherwise]) {
    h = mix(h, branch.length);
    for (const it of branch) h = mixStep(mixText(mixText(h, it.kind), it.path), it);
  }
  return h;
}

function mixComparison(h: number, comparison: Comparison<string>): number {
  switch (comparison.kind) {
    case 'exists':
      return mix(h, comparison.exists ? 1 : 0);
    case 'data':
      return mixBytes(mixText(h, comparison.relation), comparison.data);
    default:
      return mixNumber(mixText(h, comparison.relation), comparison.value);
  }
}

function mixStep(h: number, step: TransactionStep<string>): number {
  switch (step.kind) {
    case 'create': {
      const made = mixBytes(mixNumber(mixText(h, step.mode), step.ttlMs), step.data);
      return mixAcl(mix(made, step.parents ? 1 : 0), step.acl);
    }
    case 'setAcl':
      return mixAcl(mix(h, step.version), step.acl);
    case 'setData':
      return mixBytes(mix(mix(h, step.version), step.upsert ? 1 : 0), step.data);
    case 'delete':
      return mix(mix(h, step.version), step.recursive ? 1 : 0);
    case 'check':
      return mix(h, step.version);
    default:
      return h;
  }
}

function mixAcl(hash: number, acl: Acl | undefined): number {
  if (acl === undefined) return hash;
  let h = mix(hash, acl.length);
  for (const it of acl) h = mixText(mixText(mix(h, it.permissions), it.scheme), it.id);
  return h;
}

function mixNumber(hash: number, value: number): number {
  return mix(mix(hash, value / WORD), value);
}
