import { trustedPath } from '@paddock/model';
import type { AppliedStep, Change, ZnodeEdit } from '@paddock/model';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { EDIT_KINDS, readEdit, writeEdit } from './znode-edit.ts';

type TransactionChange = Extract<Change, { readonly kind: 'transaction' }>;

/** On disk for good: a number is never used again for another kind. */
const STEP_KINDS = {
  created: 1,
  dataSet: 2,
  deleted: 3,
  checked: 4,
  getData: 5,
  exists: 6,
  getChildren: 7,
  aclSet: 8,
  denied: 9,
} as const;

const STEP_MIN_BYTES = 1;
const EDIT_MIN_BYTES = 1 + 4 + 8;

export function writeSteps(writer: ByteWriter, change: TransactionChange): void {
  writer.u8(change.succeeded ? 1 : 0);
  writer.f64(change.readBytes);
  writer.u32(change.steps.length);
  for (const step of change.steps) writeStep(writer, step);
}

function writeStep(writer: ByteWriter, step: AppliedStep): void {
  writer.u8(STEP_KINDS[step.kind]);
  switch (step.kind) {
    case 'checked':
      break;
    case 'getData':
    case 'exists':
    case 'getChildren':
    case 'denied':
      writer.text(step.path);
      break;
    default:
      writer.u32(step.edits.length);
      for (const edit of step.edits) {
        writer.u8(EDIT_KINDS[edit.kind]);
        writeEdit(writer, edit);
      }
  }
}

export function readSteps(reader: ByteReader): TransactionChange {
  const succeeded = reader.u8() === 1;
  const readBytes = reader.safeInteger();
  const count = reader.count(STEP_MIN_BYTES);
  const steps: AppliedStep[] = [];
  for (let i = 0; i < count; i++) steps.push(readStep(reader));
  return { kind: 'transaction', succeeded, readBytes, steps };
}

function readStep(reader: ByteReader): AppliedStep {
  const kind = reader.u8();
  switch (kind) {
    case STEP_KINDS.created:
      return { kind: 'created', edits: readEdits(reader) };
    case STEP_KINDS.dataSet:
      return { kind: 'dataSet', edits: readEdits(reader) };
    case STEP_KINDS.deleted:
      return { kind: 'deleted', edits: readEdits(reader) };
    case STEP_KINDS.checked:
      return { kind: 'checked' };
    case STEP_KINDS.getData:
      return { kind: 'getData', path: trustedPath(reader.text()) };
    case STEP_KINDS.exists:
      return { kind: 'exists', path: trustedPath(reader.text()) };
    case STEP_KINDS.getChildren:
      return { kind: 'getChildren', path: trustedPath(reader.text()) };
    case STEP_KINDS.aclSet:
      return { kind: 'aclSet', edits: readEdits(reader) };
    case STEP_KINDS.denied:
      return { kind: 'denied', path: trustedPath(reader.text()) };
    default:
      return reader.unknownKind('step', kind);
  }
}

function readEdits(reader: ByteReader): ZnodeEdit[] {
  const count = reader.count(EDIT_MIN_BYTES);
  const edits: ZnodeEdit[] = [];
  for (let i = 0; i < count; i++) edits.push(readEdit(reader, reader.u8()));
  return edits;
}
