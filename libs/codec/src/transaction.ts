import type { Acknowledgement, Change, Transaction, ZnodeDeletion, Zxid } from '@paddock/model';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readSteps, writeSteps } from './applied-step.ts';
import { readFailure, writeFailure } from './outcome.ts';
import { readQuota, writeQuota } from './quota.ts';
import { readAttachment, writeAttachment } from './session-record.ts';
import {
  DELETION_MIN_BYTES,
  EDIT_KINDS,
  readDeletion,
  readEdit,
  writeDeletion,
  writeEdit,
} from './znode-edit.ts';

/** On disk for good: a number is never used again for another kind. */
const CHANGE_KINDS = {
  ...EDIT_KINDS,
  failed: 4,
  openSession: 5,
  resumeSession: 6,
  closeSession: 7,
  acknowledgeOutcomes: 8,
  dropTombstones: 9,
  transaction: 10,
  setQuota: 11,
} as const;

/** Kind, time, session, sequence, request hash, acknowledged-through. */
const HEADER_BYTES = 1 + 8 + 8 + 8 + 4 + 8;
const ACKNOWLEDGEMENT_BYTES = 8 + 8;

/** Bytes that a closeSession takes without its znodes. */
export const CLOSE_SESSION_BYTES = HEADER_BYTES + 8 + 1 + 4;

const scratch = new ByteWriter(4096);

/** What a transaction says apart from its zxid, which its log entry carries. */
export type TransactionContent = Omit<Transaction, 'zxid'>;

/**
 * The payload of a `data` entry, in bytes of its own; short ones share a block of memory, which lives as long as any of
 * them. The zxid is not in it: the entry has it, and a processor can see the size before it takes one (H6).
 */
export function encodeTransaction(transaction: TransactionContent): Uint8Array<ArrayBuffer> {
  const writer = scratch;
  const { change } = transaction;
  writer.reset();
  writer.u8(CHANGE_KINDS[change.kind]);
  writer.f64(transaction.time);
  writer.f64(transaction.session);
  writer.f64(transaction.sequence);
  writer.u32(transaction.requestHash);
  writer.f64(transaction.ackedThrough);
  writeChange(writer, change);
  return writer.take();
}

/**
 * Reads the payload of the `data` entry `zxid`. A znode's data is a view into `payload`: copy it before keeping it.
 * Throws CodecError.
 */
export function decodeTransaction(zxid: Zxid, payload: Uint8Array): Transaction {
  const reader = new ByteReader(payload);
  const kind = reader.u8();
  if (kind < CHANGE_KINDS.createZnode || kind > CHANGE_KINDS.setZnodeAcl) {
    reader.unknownKind('transaction', kind);
  }
  const transaction = {
    zxid,
    time: reader.f64(),
    session: reader.sessionId(),
    sequence: reader.safeInteger(),
    requestHash: reader.u32(),
    ackedThrough: reader.safeInteger(),
    change: readChange(reader, kind),
  };
  reader.expectEnd();
  return transaction;
}

function writeChange(writer: ByteWriter, change: Change): void {
  switch (change.kind) {
    case 'createZnode':
    case 'setZnodeData':
    case 'deleteZnode':
    case 'setZnodeAcl':
      writeEdit(writer, change);
      break;
    case 'transaction':
      writeSteps(writer, change);
      break;
    case 'failed':
      writeFailure(writer, change);
      break;
    case 'setQuota':
      writeQuota(writer, change);
      break;
    case 'acknowledgeOutcomes':
      writeAcknowledgements(writer, change.acknowledgements);
      break;
    case 'dropTombstones':
      writer.zxid(change.through);
      break;
    case 'openSession':
    case 'resumeSession':
    case 'closeSession':
      writeSessionChange(writer, change);
      break;
  }
}

type SessionChange = Extract<
  Change,
  { readonly kind: 'openSession' | 'resumeSession' | 'closeSession' }
>;

function writeSessionChange(writer: ByteWriter, change: SessionChange): void {
  writer.f64(change.session);
  switch (change.kind) {
    case 'openSession':
      writer.f64(change.timeoutMs);
      writer.bytes(change.secretHash);
      writeAttachment(writer, change.attachment);
      writer.f64(change.windowCount);
      writer.f64(change.windowBytes);
      break;
    case 'resumeSession':
      writeAttachment(writer, change.attachment);
      writer.f64(change.ackedThrough);
      break;
    case 'closeSession':
      writer.u8(change.end === 'closed' ? 0 : 1);
      writer.u32(change.znodes.length);
      for (const znode of change.znodes) writeDeletion(writer, znode);
      break;
  }
}

function writeAcknowledgements(
  writer: ByteWriter,
  acknowledgements: readonly Acknowledgement[],
): void {
  writer.u32(acknowledgements.length);
  for (const it of acknowledgements) {
    writer.f64(it.session);
    writer.f64(it.through);
  }
}

function readChange(reader: ByteReader, kind: number): Change {
  switch (kind) {
    case CHANGE_KINDS.createZnode:
    case CHANGE_KINDS.setZnodeData:
    case CHANGE_KINDS.deleteZnode:
    case CHANGE_KINDS.setZnodeAcl:
      return readEdit(reader, kind);
    case CHANGE_KINDS.transaction:
      return readSteps(reader);
    case CHANGE_KINDS.setQuota:
      return { kind: 'setQuota', ...readQuota(reader) };
    case CHANGE_KINDS.failed:
      return readFailure(reader);
    case CHANGE_KINDS.openSession:
      return readOpenSession(reader);
    case CHANGE_KINDS.resumeSession:
      return {
        kind: 'resumeSession',
        session: reader.sessionId(),
        attachment: readAttachment(reader),
        ackedThrough: reader.safeInteger(),
      };
    case CHANGE_KINDS.closeSession:
      return readCloseSession(reader);
    case CHANGE_KINDS.acknowledgeOutcomes:
      return readAcknowledgeOutcomes(reader);
    default:
      return { kind: 'dropTombstones', through: reader.zxid() };
  }
}

function readOpenSession(reader: ByteReader): Change {
  return {
    kind: 'openSession',
    session: reader.sessionId(),
    timeoutMs: reader.safeInteger(),
    secretHash: reader.bytes(),
    attachment: readAttachment(reader),
    windowCount: reader.safeInteger(),
    windowBytes: reader.safeInteger(),
  };
}

function readCloseSession(reader: ByteReader): Change {
  const session = reader.sessionId();
  const end = reader.u8();
  if (end > 1) reader.unknownKind('session end', end);
  const count = reader.count(DELETION_MIN_BYTES);
  const znodes: ZnodeDeletion[] = [];
  for (let i = 0; i < count; i++) {
    znodes.push(readDeletion(reader));
  }
  return { kind: 'closeSession', session, end: end === 0 ? 'closed' : 'expired', znodes };
}

function readAcknowledgeOutcomes(reader: ByteReader): Change {
  const count = reader.count(ACKNOWLEDGEMENT_BYTES);
  const acknowledgements: Acknowledgement[] = [];
  for (let i = 0; i < count; i++) {
    acknowledgements.push({ session: reader.sessionId(), through: reader.safeInteger() });
  }
  return { kind: 'acknowledgeOutcomes', acknowledgements };
}
