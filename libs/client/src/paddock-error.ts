import { parentPath, trustedPath } from '@paddock/model';
import type { ClientOperation, ErrorCode, Failed } from '@paddock/model';

/**
 * Why a request failed. By code: `noNode`, `nodeExists`, `badVersion`, `notEmpty` and the like are the service's
 * refusals, and nothing was changed. `sessionExpired`: not done, the session is over. `connectionLoss`: the connection
 * was given up; whether a write took effect is unknown if the message says so, else it was not done.
 */
export class PaddockError extends Error {
  override readonly name = 'PaddockError';
  readonly code: ErrorCode;
  /** The znode that the request was about; empty where there is none. */
  readonly path: string;

  constructor(code: ErrorCode, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

const VERBS: Readonly<Record<ClientOperation['kind'], string>> = {
  create: 'create',
  setData: 'set',
  delete: 'delete',
  getData: 'get',
  exists: 'exists',
  getChildren: 'list',
  sync: 'sync',
  closeSession: 'close',
  unknown: 'request',
};

export function requestError(operation: ClientOperation, failure: Failed): PaddockError {
  const path = 'path' in operation ? operation.path : '';
  const about = path === '' ? VERBS[operation.kind] : `${VERBS[operation.kind]} ${path}`;
  const advice = adviceOf(operation, failure);
  const explanation = [failure.reason, advice].filter((part) => part !== '').join('; ');
  const tail = explanation === '' ? failure.code : `${explanation} (${failure.code})`;
  return new PaddockError(failure.code, path, `${about}: ${tail}`);
}

/** What the reason cannot say, because it depends on what was asked. */
function adviceOf(operation: ClientOperation, failure: Failed): string {
  const hasReason = failure.reason !== '';
  switch (failure.code) {
    case 'noNode':
      if (operation.kind === 'create') {
        const parent = parentPath(trustedPath(operation.path));
        return `its parent ${parent} does not exist; create that first`;
      }
      return hasReason ? '' : 'there is no such znode';
    case 'nodeExists':
      return hasReason ? '' : 'the znode exists already; use set to change it';
    case 'badVersion':
      return `${hasReason ? '' : 'the znode has another version; '}read it again and retry with its version`;
    case 'notEmpty':
      return `${hasReason ? '' : 'the znode has children; '}delete them first`;
    case 'noChildrenForEphemerals':
      return hasReason ? '' : 'an ephemeral znode cannot have children; choose a persistent parent';
    case 'throttled':
    case 'notServing':
      return 'try again later';
    default:
      return '';
  }
}
