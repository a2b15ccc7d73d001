import type {
  ClientOperation,
  Comparison,
  ErrorCode,
  FailedStep,
  Stat,
  TransactionOperation,
  TransactionResult,
  TransactionStep,
  WriteResult,
} from '@paddock/model';
import { ANY_VERSION, assert, NO_TTL, parseZnodePath } from '@paddock/model';

/** What a transaction needs of the tree that it is executed on. */
export interface TransactionTree {
  stat(path: string): Stat | null;
  /** True of what is not there. */
  mayRead(path: string): boolean;
  data(path: string): Uint8Array;
  /** `isParentNew`: the step has made the parent, too. */
  execute(operation: SimpleWrite, isParentNew: boolean): WriteResult;
  read(kind: 'getData' | 'exists' | 'getChildren', path: string): TransactionResult;
  /** Of those below the znode, the longest paths first. */
  below(path: string): string[];
}

type SimpleWrite = Extract<
  ClientOperation,
  { readonly kind: 'create' | 'setData' | 'delete' | 'setAcl' }
>;

/** A step that is refused, and the whole with it. */
export class StepRefused extends Error {
  override readonly name = 'StepRefused';
  readonly code: ErrorCode;
  readonly step: FailedStep;

  constructor(code: ErrorCode, index: number, path: string) {
    super(code);
    this.code = code;
    this.step = { index, path };
  }
}

/** One step after the other. Throws StepRefused, and does not undo what was done. */
export function transact(
  { guard, compare, then, otherwise }: TransactionOperation<string>,
  tree: TransactionTree,
): WriteResult {
  for (const { path } of [...(guard === null ? [] : [guard]), ...compare]) {
    if (!tree.mayRead(path)) throw new StepRefused('noAuth', -1, path);
  }
  if (guard !== null && tree.stat(guard.path)?.czxid !== guard.czxid) {
    throw new StepRefused('guardFailed', -1, guard.path);
  }
  const succeeded = compare.every((it) => holds(it, tree));
  const results = (succeeded ? then : otherwise).map((step, index) => runStep(step, index, tree));
  return { kind: 'transacted', succeeded, results };
}

function holds(comparison: Comparison<string>, tree: TransactionTree): boolean {
  const stat = tree.stat(comparison.path);
  if (comparison.kind === 'exists') return (stat !== null) === comparison.exists;
  if (stat === null) return false;
  const difference =
    comparison.kind === 'data'
      ? Buffer.compare(tree.data(comparison.path), comparison.data)
      : numbersOf(stat)[comparison.kind] - comparison.value;
  const by = {
    equal: difference === 0,
    notEqual: difference !== 0,
    less: difference < 0,
    greater: difference > 0,
  };
  return by[comparison.relation];
}

function numbersOf(stat: Stat) {
  const { version, mzxid, numChildren: childCount, ephemeralOwner: owner } = stat;
  return { version, mzxid, childCount, owner };
}

function runStep(
  step: TransactionStep<string>,
  index: number,
  tree: TransactionTree,
): TransactionResult {
  const { path } = step;
  const done = (operation: SimpleWrite, isParentNew = false): TransactionResult => {
    const result = tree.execute(operation, isParentNew);
    if (result.kind === 'failed') throw new StepRefused(result.code, index, path);
    assert(
      result.kind !== 'closed' && result.kind !== 'transacted' && result.kind !== 'quotaSet',
      'a simple write',
    );
    return result;
  };
  const persistent = { kind: 'create', mode: 'persistent', ttlMs: NO_TTL } as const;
  switch (step.kind) {
    case 'create': {
      const missing: string[] = [];
      for (let it = parentOf(path); step.parents && tree.stat(it) === null; it = parentOf(it)) {
        missing.unshift(it);
      }
      for (const [order, it] of missing.entries()) {
        const ancestor = { ...persistent, path: it, data: new Uint8Array(0), acl: step.acl };
        done(ancestor, order > 0);
      }
      return done(step, missing.length > 0);
    }
    case 'setData': {
      if (!step.upsert || tree.stat(path) !== null) return done(step);
      const created = done({ ...persistent, path, data: step.data });
      assert(created.kind === 'created', 'what is created');
      return { kind: 'dataSet', stat: created.stat };
    }
    case 'delete': {
      if (!step.recursive) return done(step);
      const stat = tree.stat(path);
      if (stat === null || path === '/') return done(step);
      if (step.version !== ANY_VERSION && step.version !== stat.version) return done(step);
      for (const it of tree.below(path)) done({ kind: 'delete', path: it, version: ANY_VERSION });
      return done(step);
    }
    case 'check': {
      const stat = tree.stat(path);
      if (stat === null) throw new StepRefused('noNode', index, path);
      if (!tree.mayRead(path)) throw new StepRefused('noAuth', index, path);
      if (step.version !== ANY_VERSION && step.version !== stat.version) {
        throw new StepRefused('badVersion', index, path);
      }
      return { kind: 'checked' };
    }
    case 'setAcl':
      return done(step);
    default:
      return tree.read(step.kind, path);
  }
}

/** The first step whose path is none: the front-end refuses the whole before anything is done. */
export function badPathOf({
  guard,
  compare,
  then,
  otherwise,
}: TransactionOperation<string>): FailedStep | null {
  for (const it of [...(guard === null ? [] : [guard]), ...compare]) {
    if (!parseZnodePath(it.path).ok) return { index: -1, path: it.path };
  }
  for (const branch of [then, otherwise]) {
    for (const [index, step] of branch.entries()) {
      const isPath = parseZnodePath(step.path, step.kind === 'create').ok;
      if (!isPath) return { index, path: step.path };
    }
  }
  return null;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
