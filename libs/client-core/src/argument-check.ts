import type { ClientOperation, ClientRead, Zxid } from '@paddock/model';

const VERSION_MAX = 2 ** 31 - 1;
const STALENESS_MS_MAX = 2 ** 31 - 1;

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
      return faultOfRead(operation);
    case 'create':
      return Number.isSafeInteger(operation.ttlMs) && operation.ttlMs >= 0
        ? undefined
        : `a time to live is in whole milliseconds, not ${operation.ttlMs}`;
    case 'sync':
    case 'closeSession':
    case 'unknown':
      return undefined;
  }
}

function faultOfRead({ atLeast, consistency }: ClientRead): string | undefined {
  if (!isZxid(atLeast)) return `${atLeast} is no zxid`;
  if (consistency?.kind !== 'boundedStaleness') return undefined;
  const { ms } = consistency;
  if (Number.isInteger(ms) && ms >= 0 && ms <= STALENESS_MS_MAX) return undefined;
  return `a staleness is in whole milliseconds from 0 to ${STALENESS_MS_MAX}, not ${ms}`;
}

function isVersion(version: number): boolean {
  return Number.isInteger(version) && version >= -1 && version <= VERSION_MAX;
}

function isZxid(zxid: Zxid): boolean {
  return Number.isSafeInteger(zxid) && zxid >= 0;
}
