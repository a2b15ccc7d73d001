import type { ClientOperation, Zxid } from '@paddock/model';

const VERSION_MAX = 2 ** 31 - 1;

/**
 * What is wrong with an argument that the wire would carry as another value, or that would cost the connection;
 * undefined where nothing is. All else is the service's to refuse.
 */
export function faultOf(operation: ClientOperation): string | undefined {
  switch (operation.kind) {
    case 'setData':
    case 'delete':
      return isVersion(operation.version)
        ? undefined
        : `a version is an integer from 0 to ${VERSION_MAX}, or -1 for any, not ${operation.version}`;
    case 'getData':
    case 'exists':
    case 'getChildren':
      return isZxid(operation.atLeast) ? undefined : `${operation.atLeast} is no zxid`;
    case 'create':
    case 'sync':
    case 'closeSession':
    case 'unknown':
      return undefined;
  }
}

function isVersion(version: number): boolean {
  return Number.isInteger(version) && version >= -1 && version <= VERSION_MAX;
}

function isZxid(zxid: Zxid): boolean {
  return Number.isSafeInteger(zxid) && zxid >= 0;
}
