import { ANY_VERSION } from '@paddock/model';
import type { ClientOperation, OperationResult, Zxid } from '@paddock/model';

/** What a client can see of one znode: null while there is none. */
export type RegisterState = { readonly version: number; readonly data: string } | null;

/** An operator brings the ensemble to the state of a backup, in which this is what the znode has. */
export interface RegisterRestoration {
  readonly kind: 'restore';
  readonly found: { readonly version: number; readonly data: Uint8Array } | null;
}

/** What the log says was done to the znode. */
export interface RegisterChange {
  readonly zxid: Zxid;
  readonly kind: 'create' | 'setData' | 'delete' | 'restore';
  readonly data: Uint8Array | null;
}

/** One operation on one znode, by what its client knows of it. */
export interface RegisterOperation {
  /** Positions in the order of everything that was observed; Infinity: it was never answered. */
  readonly call: number;
  readonly answered: number;
  readonly operation: ClientOperation | RegisterRestoration;
  /** Null: whether and when it took effect is not known. */
  readonly result: OperationResult | null;
  /** Of the answer, or of the entry that restores; 0: there was none. */
  readonly zxid: Zxid;
  /** Of the same session, and before it; null: none. */
  readonly predecessor: RegisterOperation | null;
  readonly name: string;
}

/** The states that the operation may lead to from this one; none: it cannot have taken effect here. */
export function successorsOf(
  state: RegisterState,
  { operation, result }: RegisterOperation,
): RegisterState[] {
  switch (operation.kind) {
    case 'create':
      return afterCreate(state, dataKey(operation.data), result);
    case 'setData':
      return afterSet(state, operation.version, dataKey(operation.data), result);
    case 'delete':
      return afterDelete(state, operation.version, result);
    case 'restore':
      return [
        operation.found === null
          ? null
          : { version: operation.found.version, data: dataKey(operation.found.data) },
      ];
    case 'setQuota': {
      // It leaves the znode as it is, which has to be there.
      if (result === null) return [state];
      return (state === null) === (result.kind === 'failed') ? [state] : [];
    }
    default:
      return result !== null && shows(state, result) ? [state] : [];
  }
}

function afterCreate(
  state: RegisterState,
  data: string,
  result: OperationResult | null,
): RegisterState[] {
  if (result?.kind === 'failed') {
    // noNode: the parent is missing, and so is this one.
    return (state === null) === (result.code === 'noNode') ? [state] : [];
  }
  if (state === null) return [{ version: 0, data }];
  return result === null ? [state] : [];
}

function afterSet(
  state: RegisterState,
  wanted: number,
  data: string,
  result: OperationResult | null,
): RegisterState[] {
  const isMatch = state !== null && (wanted === ANY_VERSION || wanted === state.version);
  if (result?.kind === 'failed') {
    if (result.code === 'noNode') return state === null ? [state] : [];
    return state !== null && !isMatch ? [state] : [];
  }
  if (!isMatch) return result === null ? [state] : [];
  const version = state.version + 1;
  return result === null || ('stat' in result && result.stat.version === version)
    ? [{ version, data }]
    : [];
}

function afterDelete(
  state: RegisterState,
  wanted: number,
  result: OperationResult | null,
): RegisterState[] {
  const isMatch = state !== null && (wanted === ANY_VERSION || wanted === state.version);
  if (result === null) return isMatch ? [null, state] : [state];
  if (result.kind !== 'failed') return isMatch ? [null] : [];
  if (result.code === 'noNode') return state === null ? [state] : [];
  // notEmpty: there are children, of which this model knows nothing.
  if (result.code === 'notEmpty') return isMatch ? [state] : [];
  return state !== null && !isMatch ? [state] : [];
}

/** Whether it may have been this operation that made the change. */
export function mayHaveMade(
  { operation, result, zxid }: RegisterOperation,
  change: RegisterChange,
): boolean {
  if (operation.kind !== change.kind) return false;
  if (operation.kind === 'restore') return zxid === change.zxid;
  if (result !== null) return zxid === change.zxid;
  if (!('data' in operation) || change.data === null) return true;
  return dataKey(operation.data) === dataKey(change.data);
}

function shows(state: RegisterState, result: OperationResult): boolean {
  switch (result.kind) {
    case 'data':
      return state?.version === result.stat.version && state.data === dataKey(result.data);
    case 'stat':
    case 'children':
    case 'childrenPage':
    case 'descendants':
      return state?.version === result.stat.version;
    default:
      return state === null;
  }
}

/** What is written is one byte, so many times. */
function dataKey(data: Uint8Array): string {
  return `${data.length}:${data[0] ?? ''}`;
}
