import { ANY_VERSION, NO_SESSION, NO_TTL, ZXID_ZERO } from '@paddock/model';
import type {
  Acl,
  ClientOperation,
  Comparison,
  ReadConsistency,
  TransactionStep,
} from '@paddock/model';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import { ADA, BOB, EVE } from './identities.ts';

/** Open to everybody; what is below it is whose it is. */
export const GUARDED_TOP = '/guarded';
const GUARDED = ['/guarded/a', '/guarded/b', '/guarded/a/k', '/guarded/e'] as const;

const ALL = 31;
const WORLD = { scheme: 'world', id: 'anyone' } as const;
const PARENT = { scheme: 'parent', id: '' } as const;
const WRITER = { scheme: 'auth', id: '' } as const;
const ACLS: readonly [Acl, ...Acl[]] = [
  [{ permissions: ALL, ...WORLD }],
  [{ permissions: ALL, ...WRITER }],
  [
    { permissions: 1, ...WORLD },
    { permissions: ALL, ...WRITER },
  ],
  [
    { permissions: 1 | 2 | 16, ...ADA },
    { permissions: 4 | 8, ...ADA },
    { permissions: 1, ...BOB },
    { permissions: 1 | 2, ...EVE },
  ],
  [
    { permissions: 4 | 8, ...WORLD },
    { permissions: 1 | 16, ...BOB },
  ],
  [{ permissions: 16, ...WORLD }],
  [{ permissions: ALL, ...PARENT }],
  [
    { permissions: 1 | 4, ...PARENT },
    { permissions: 2, ...WORLD },
  ],
];

/** Whether nobody but these operations changes the znode, and not everybody may see it. */
export function isGuarded(path: string): boolean {
  return path.startsWith(`${GUARDED_TOP}/`);
}

/** An operation on znodes that not everybody may do everything with; none of them sets a watch. */
export function guardedOperation(
  random: SeededRandom,
  data: Uint8Array,
  consistency: ReadConsistency,
): ClientOperation {
  const path = random.pick(GUARDED);
  const terms = { path, atLeast: ZXID_ZERO, consistency } as const;
  const acl = random.pick(ACLS);
  const given = random.chance(0.3) ? undefined : acl;
  switch (random.below(12)) {
    case 0:
      return { kind: 'create', path: GUARDED_TOP, data, mode: 'persistent', ttlMs: NO_TTL };
    case 1:
    case 2: {
      const mode = random.pick(['persistent', 'persistent', 'ephemeral'] as const);
      return { kind: 'create', path, data, mode, ttlMs: NO_TTL, acl: given };
    }
    case 3:
      return { kind: 'setData', path, data, version: ANY_VERSION };
    case 4:
      return { kind: 'delete', path, version: ANY_VERSION };
    case 5: {
      const version = random.chance(0.7) ? ANY_VERSION : random.below(3);
      return { kind: 'setAcl', path, acl, version };
    }
    case 6:
      return { kind: 'getAcl', ...terms };
    case 7:
      return { kind: 'can', ...terms, permissions: random.below(ALL + 1) };
    case 8:
      return guardedTransaction(random, data);
    case 9:
      return { kind: random.pick(['getData', 'exists', 'getChildren']), ...terms, watch: false };
    case 10:
      return random.pick<ClientOperation>([
        { kind: 'getChildrenPage', ...terms, watch: false, after: '', limit: 2 },
        { kind: 'getEphemerals', ...terms, path: GUARDED_TOP, owner: NO_SESSION },
        { kind: 'getQuotas', ...terms, path: GUARDED_TOP },
      ]);
    default:
      return { kind: 'countDescendants', ...terms };
  }
}

function guardedTransaction(random: SeededRandom, data: Uint8Array): ClientOperation {
  const some = <T>(most: number, draw: () => T): T[] =>
    Array.from({ length: random.below(most + 1) }, draw);
  return {
    kind: 'transaction',
    guard: random.chance(0.2) ? { path: random.pick(GUARDED), czxid: ZXID_ZERO } : null,
    compare: some(1, (): Comparison<string> => {
      return { kind: 'exists', path: random.pick(GUARDED), exists: random.chance(0.5) };
    }),
    then: some(3, () => guardedStep(random, data)),
    otherwise: some(1, () => guardedStep(random, data)),
  };
}

function guardedStep(random: SeededRandom, data: Uint8Array): TransactionStep<string> {
  const path = random.pick(GUARDED);
  const acl = random.pick(ACLS);
  const create = { kind: 'create', path, data, mode: 'persistent', ttlMs: NO_TTL } as const;
  return random.pick<TransactionStep<string>>([
    { ...create, parents: random.chance(0.7), acl: random.chance(0.3) ? undefined : acl },
    { kind: 'setData', path, data, version: ANY_VERSION, upsert: random.chance(0.5) },
    { kind: 'setAcl', path, acl, version: ANY_VERSION },
    { kind: 'delete', path, version: ANY_VERSION, recursive: random.chance(0.5) },
    { kind: 'check', path, version: ANY_VERSION },
    { kind: random.pick(['getData', 'exists', 'getChildren'] as const), path },
  ]);
}
