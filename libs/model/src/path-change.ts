import type { SessionId } from './session.ts';
import type { ZnodeKind } from './stat.ts';
import type { Transaction, ZnodeDeletion, ZnodeEdit } from './transaction.ts';
import type { ZnodePath } from './path.ts';
import { isWithin } from './path.ts';
import { NO_SESSION } from './session.ts';
import type { Zxid } from './zxid.ts';

/**
 * Why a znode was changed: by a request of its own, as a step of a transaction, with the end of its owner's session,
 * by the service, which deletes what has outlived its time, or with everything else by a restoration.
 */
export type ChangeCause =
  'request' | 'transaction' | 'sessionClosed' | 'sessionExpired' | 'service' | 'restoration';

/** One change of one znode, as the log has it: who, when, what. */
export interface PathChange {
  readonly zxid: Zxid;
  /** Ensemble time in ms since 1970. */
  readonly time: number;
  /** Whose write it was, or whose end; NO_SESSION for the service's own. */
  readonly session: SessionId;
  /** The write's sequence in its session; 0 where it was no session's write. */
  readonly sequence: number;
  readonly path: ZnodePath;
  readonly operation: 'created' | 'dataSet' | 'deleted' | 'aclSet' | 'restored';
  readonly cause: ChangeCause;
  /** Of a creation; null otherwise. */
  readonly znodeKind: ZnodeKind | null;
  /** The data's version after it, or that of the ACL that was set; 0 for what was deleted. */
  readonly version: number;
  /** The length of the data after it; 0 for what was deleted, and for an ACL. */
  readonly dataLength: number;
  /** Null where it is none: what the ensemble was brought to the state of. */
  readonly restoration: LoggedRestoration | null;
}

export interface LoggedRestoration {
  readonly backup: Zxid;
  /** The leader, of whom an operator asked it. */
  readonly leader: number;
}

/** Which znodes are asked about: one, or with `subtree` also all below it. */
export interface PathSelection {
  readonly path: ZnodePath;
  readonly subtree: boolean;
}

export function isSelected({ path, subtree }: PathSelection, candidate: ZnodePath): boolean {
  return subtree ? isWithin(candidate, path) : candidate === path;
}

/** The changes of the selected znodes that a transaction made, in the order in which it made them. */
export function pathChangesOf(transaction: Transaction, selection: PathSelection): PathChange[] {
  const { change, session } = transaction;
  const changes: PathChange[] = [];
  const note = (edit: ZnodeEdit, cause: ChangeCause, by: SessionId): void => {
    if (isSelected(selection, edit.path)) changes.push(changeOf(transaction, edit, cause, by));
  };
  switch (change.kind) {
    case 'createZnode':
    case 'setZnodeData':
    case 'deleteZnode':
    case 'setZnodeAcl':
      note(change, session === NO_SESSION ? 'service' : 'request', session);
      break;
    case 'transaction':
      for (const step of change.steps) {
        if (!('edits' in step)) continue;
        for (const edit of step.edits) note(edit, 'transaction', session);
      }
      break;
    case 'closeSession': {
      const cause = change.end === 'closed' ? 'sessionClosed' : 'sessionExpired';
      for (const znode of change.znodes) note(deletionOf(znode), cause, change.session);
      break;
    }
    // They change no znode.
    case 'failed':
    case 'setQuota':
    case 'openSession':
    case 'resumeSession':
    case 'acknowledgeOutcomes':
    case 'dropTombstones':
      break;
  }
  return changes;
}

/** A restoration changes every znode there is, or was, or becomes: it is told once, of the one that is asked about. */
export function restorationOf(
  zxid: Zxid,
  time: number,
  restoration: LoggedRestoration,
  { path }: PathSelection,
): PathChange {
  return {
    zxid,
    time,
    session: NO_SESSION,
    sequence: 0,
    path,
    operation: 'restored',
    cause: 'restoration',
    znodeKind: null,
    version: 0,
    dataLength: 0,
    restoration,
  };
}

function deletionOf(znode: ZnodeDeletion): ZnodeEdit {
  return { kind: 'deleteZnode', ...znode };
}

const OPERATIONS = {
  createZnode: 'created',
  setZnodeData: 'dataSet',
  deleteZnode: 'deleted',
  setZnodeAcl: 'aclSet',
} as const;

function changeOf(
  { zxid, time, sequence }: Transaction,
  edit: ZnodeEdit,
  cause: ChangeCause,
  session: SessionId,
): PathChange {
  return {
    zxid,
    time,
    session,
    sequence,
    path: edit.path,
    operation: OPERATIONS[edit.kind],
    cause,
    znodeKind: edit.kind === 'createZnode' ? edit.znodeKind : null,
    version: 'version' in edit ? edit.version : 0,
    dataLength: 'data' in edit ? edit.data.length : 0,
    restoration: null,
  };
}
