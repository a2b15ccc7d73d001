// Several reads at once: the same messages between the stages and for clients, none of them frequent.
import { paddock } from '@paddock/contracts';
import type { BatchedRead, ClientReadMany, ReadResult } from '@paddock/model';
import { writeReadTerms } from './client-operation.ts';
import { clientPathOf, type Field } from './fields.ts';
import { readMany } from './client-values.ts';
import { WireError } from './wire-error.ts';

type WireRead = paddock.client.v1.BatchedRead.$Shape;
type Many = Extract<ReadResult, { readonly kind: 'many' }>;

function writeBatchedRead({
  kind,
  path,
}: BatchedRead<string>): paddock.client.v1.BatchedRead.$Properties {
  return { [kind]: path };
}

/** Paths are text that the front-end checks. */
export function readBatchedReads(wire: Field<readonly WireRead[]>): BatchedRead<string>[] {
  return (wire ?? []).map((it) => {
    switch (it.kind) {
      case 'getData':
        return { kind: it.kind, path: it.getData };
      case 'exists':
        return { kind: it.kind, path: it.exists };
      case 'getChildren':
        return { kind: it.kind, path: it.getChildren };
      case 'countDescendants':
        return { kind: it.kind, path: it.countDescendants };
      case undefined:
        throw new WireError('read of a batch', 'has no kind');
    }
  });
}

export function writeReadMany(operation: ClientReadMany): paddock.client.v1.ReadMany.$Properties {
  return { reads: operation.reads.map(writeBatchedRead), ...writeReadTerms(operation) };
}

const { ReadBatch } = paddock.frontend_database.v1;

export function encodeBatch(reads: readonly BatchedRead[]): Uint8Array {
  return ReadBatch.encode({ reads: reads.map(writeBatchedRead) }).finish();
}

export function decodeBatch(bytes: Uint8Array | undefined): BatchedRead[] {
  return bytes === undefined ? [] : readBatch(ReadBatch.decode(bytes).reads);
}

/** Of another stage, which has checked the paths. */
export function readBatch(wire: Field<readonly WireRead[]>): BatchedRead[] {
  return readBatchedReads(wire).map(({ kind, path }) => ({
    kind,
    path: clientPathOf(path, 'path of a batch'),
  }));
}

export function decodeMany(bytes: Uint8Array): Many {
  return readMany(paddock.client.v1.ManyRead.decode(bytes));
}
