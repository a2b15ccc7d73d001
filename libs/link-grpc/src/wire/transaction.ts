// Several operations that take effect together: protos/paddock/client/v1/transaction.proto. Paths and sizes from a
// client are checked by the front-end, which answers what is bad in its place in the order.
import { paddock } from '@paddock/contracts';
import { ANY_VERSION, counterOf, epochOf } from '@paddock/model';
import type { Comparison, TransactionOperation, TransactionStep } from '@paddock/model';
import { readAcl, readWholeAcl, writeAcl } from './acl.ts';
import {
  count64Of,
  frameBytesOf,
  stagePathOf,
  versionOrAnyOf,
  word,
  zxidOf,
  type Field,
} from './fields.ts';
import { WireError } from './wire-error.ts';
import { createModes, relations } from './words.ts';

type WireTransaction = paddock.client.v1.Transaction.$Properties;
type WireComparison = paddock.client.v1.Comparison.$Properties;
type WireStep = paddock.client.v1.TransactionStep.$Properties;

/** How a path is read: as text, or as one that another stage has checked. */
type ReadPath<Path extends string> = (value: Field<string>, field: string) => Path;

function writeTransaction(operation: TransactionOperation<string>): WireTransaction {
  const { guard, compare, then, otherwise } = operation;
  const message: WireTransaction = {
    compare: compare.map(writeComparison),
    then: then.map(writeStep),
    otherwise: otherwise.map(writeStep),
  };
  if (guard !== null) {
    const { path, czxid } = guard;
    message.guard = { path, czxidEpoch: epochOf(czxid), czxidCounter: counterOf(czxid) };
  }
  return message;
}

function writeComparison(comparison: Comparison<string>): WireComparison {
  const { path } = comparison;
  if (comparison.kind === 'exists') return { path, exists: comparison.exists };
  const relation = relations.write(comparison.relation);
  switch (comparison.kind) {
    case 'version':
      return { path, relation, version: comparison.value };
    case 'mzxid':
      return { path, relation, mzxid: splitZxid(comparison.value) };
    case 'childCount':
      return { path, relation, childCount: comparison.value };
    case 'owner':
      return { path, relation, owner: comparison.value };
    case 'data':
      return { path, relation, data: comparison.data };
  }
}

const WORD = 2 ** 32;

function splitZxid(zxid: number): { epoch: number; counter: number } {
  return { epoch: Math.floor(zxid / WORD), counter: zxid % WORD };
}

function writeStep(step: TransactionStep<string>): WireStep {
  const { path } = step;
  switch (step.kind) {
    case 'create': {
      const { data, ttlMs, parents } = step;
      const acl = writeAcl(step.acl);
      return { create: { path, data, mode: createModes.write(step.mode), ttlMs, parents, acl } };
    }
    case 'setData':
      return {
        setData: { path, data: step.data, upsert: step.upsert, ...versionField(step.version) },
      };
    case 'delete':
      return { delete: { path, recursive: step.recursive, ...versionField(step.version) } };
    case 'check':
      return { check: { path, ...versionField(step.version) } };
    case 'setAcl':
      return { setAcl: { path, acl: writeAcl(step.acl), ...versionField(step.version) } };
    case 'getData':
      return { getData: path };
    case 'exists':
      return { exists: path };
    case 'getChildren':
      return { getChildren: path };
  }
}

function versionField(version: number): { version?: number } {
  return version === ANY_VERSION ? {} : { version };
}

/** A message within another one is written as its bytes. */
export function encodeTransaction(operation: TransactionOperation<string>): Uint8Array {
  return paddock.client.v1.Transaction.encode(writeTransaction(operation)).finish();
}

export function decodeClientTransaction(bytes: Uint8Array): TransactionOperation<string> {
  return readClientTransaction(paddock.client.v1.Transaction.decode(bytes));
}

export function decodeStageTransaction(bytes: Uint8Array): TransactionOperation {
  return readStageTransaction(paddock.client.v1.Transaction.decode(bytes));
}

/** From a client: nobody has looked at the paths. */
export function readClientTransaction(
  wire: paddock.client.v1.Transaction.$Shape,
): TransactionOperation<string> {
  return readTransaction(wire, (value) => value ?? '');
}

export function readStageTransaction(
  wire: paddock.client.v1.Transaction.$Shape,
): TransactionOperation {
  return readTransaction(wire, stagePathOf);
}

function readTransaction<Path extends string>(
  wire: paddock.client.v1.Transaction.$Shape,
  readPath: ReadPath<Path>,
): TransactionOperation<Path> {
  const { guard } = wire;
  return {
    kind: 'transaction',
    guard:
      guard === null || guard === undefined
        ? null
        : {
            path: readPath(guard.path, 'guard path'),
            czxid: zxidOf(guard.czxidEpoch, guard.czxidCounter, 'guard czxid'),
          },
    compare: (wire.compare ?? []).map((it) => readComparison(it, readPath)),
    then: (wire.then ?? []).map((it) => readStep(it, readPath)),
    otherwise: (wire.otherwise ?? []).map((it) => readStep(it, readPath)),
  };
}

function readComparison<Path extends string>(
  wire: paddock.client.v1.Comparison.$Shape,
  readPath: ReadPath<Path>,
): Comparison<Path> {
  const path = readPath(wire.path, 'compared path');
  const relation = (wire.relation ?? 0) === 0 ? 'equal' : relations.read(wire.relation);
  switch (wire.target) {
    case 'exists':
      return { kind: 'exists', path, exists: wire.exists };
    case 'version':
      return { kind: 'version', path, relation, value: wire.version };
    case 'mzxid':
      return {
        kind: 'mzxid',
        path,
        relation,
        value: zxidOf(wire.mzxid.epoch, wire.mzxid.counter, 'compared mzxid'),
      };
    case 'childCount':
      return { kind: 'childCount', path, relation, value: word(wire.childCount) };
    case 'owner':
      return { kind: 'owner', path, relation, value: count64Of(wire.owner, 'compared owner') };
    case 'data':
      return { kind: 'data', path, relation, data: frameBytesOf(wire.data, 'compared data') };
    case undefined:
      throw new WireError('comparison', 'has no target that this version knows');
  }
}

function readStep<Path extends string>(
  wire: paddock.client.v1.TransactionStep.$Shape,
  readPath: ReadPath<Path>,
): TransactionStep<Path> {
  switch (wire.kind) {
    case 'create': {
      const { create } = wire;
      return {
        kind: 'create',
        path: readPath(create.path, 'create path'),
        data: frameBytesOf(create.data, 'create data'),
        mode: (create.mode ?? 0) === 0 ? 'persistent' : createModes.read(create.mode),
        ttlMs: count64Of(create.ttlMs, 'ttl'),
        parents: create.parents ?? false,
        acl: readAcl(create.acl),
      };
    }
    case 'setData': {
      const { setData } = wire;
      return {
        kind: 'setData',
        path: readPath(setData.path, 'set path'),
        data: frameBytesOf(setData.data, 'set data'),
        version: versionOrAnyOf(setData.version),
        upsert: setData.upsert ?? false,
      };
    }
    case 'delete':
      return {
        kind: 'delete',
        path: readPath(wire.delete.path, 'delete path'),
        version: versionOrAnyOf(wire.delete.version),
        recursive: wire.delete.recursive ?? false,
      };
    case 'check':
      return {
        kind: 'check',
        path: readPath(wire.check.path, 'check path'),
        version: versionOrAnyOf(wire.check.version),
      };
    case 'setAcl':
      return {
        kind: 'setAcl',
        path: readPath(wire.setAcl.path, 'set ACL path'),
        acl: readWholeAcl(wire.setAcl.acl),
        version: versionOrAnyOf(wire.setAcl.version),
      };
    case 'getData':
      return { kind: 'getData', path: readPath(wire.getData, 'read path') };
    case 'exists':
      return { kind: 'exists', path: readPath(wire.exists, 'read path') };
    case 'getChildren':
      return { kind: 'getChildren', path: readPath(wire.getChildren, 'read path') };
    case undefined:
      throw new WireError('step', 'has no kind that this version knows');
  }
}
