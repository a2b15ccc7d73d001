import {
  ANY_VERSION,
  isSequential,
  nextZxid,
  NO_TTL,
  parentPath,
  ROOT,
  sequentialPath,
  SUPER,
} from '@paddock/model';
import type {
  AppliedStep,
  Change,
  Acl,
  Failed,
  FailedStep,
  Identities,
  TransactionOperation,
  TransactionStep,
  ZnodeEdit,
  ZnodePath,
} from '@paddock/model';
import { holds } from './comparison.ts';
import type { OverlayZnode } from './overlay-znode.ts';
import { OverlayTrial } from './overlay-trial.ts';
import { refusalByAcl } from './permissions.ts';
import type { SessionState } from './session-table.ts';
import type { TermState } from './term-state.ts';
import type { Subtree, TransactionNeeds } from './transaction-needs.ts';
import {
  badVersion,
  failed,
  refusalByLimits,
  refusalByParent,
  refusalOfDelete,
  validateCreate,
  validateDelete,
  validateSetAcl,
  validateSetData,
} from './validation.ts';

type Create = Parameters<typeof refusalByParent>[0];
type StepOf<Kind extends TransactionStep['kind']> = Extract<TransactionStep, { kind: Kind }>;

const NO_DATA = new Uint8Array(0);

/**
 * One transaction against the state as it will be: its steps change the overlay one after the other, on trial. What
 * turns out not to be known is asked for, and the whole is tried again when it is.
 */
export class TransactionValidation {
  readonly trial: OverlayTrial;
  readonly #term: TermState;
  readonly #state: SessionState;
  readonly #identities: Identities;
  readonly #needs: TransactionNeeds;
  readonly #ephemeralBytes: number;
  /** The limit that an edit of the present step exceeds. */
  #exceeded: Failed | null = null;

  constructor(
    term: TermState,
    state: SessionState,
    identities: Identities,
    needs: TransactionNeeds,
    ephemeralBytes: number,
  ) {
    this.#term = term;
    this.#state = state;
    this.#identities = identities;
    this.#needs = needs;
    this.#ephemeralBytes = ephemeralBytes;
    const { proposals } = term;
    this.trial = new OverlayTrial(term, nextZxid(proposals.lastAssigned), proposals.time);
  }

  /** What it comes to; null where it waits for a look-up. */
  run(operation: TransactionOperation): Change | null {
    const known = this.#needs.lookUp;
    const change = this.#change(operation);
    if (this.#needs.lookUp > known) {
      this.trial.undo();
      return null;
    }
    if (change.kind === 'failed') this.trial.undo();
    return change;
  }

  #change({ guard, compare, then, otherwise }: TransactionOperation): Change {
    const unreadable = this.#unreadable(guard, compare);
    if (unreadable !== null) return unreadable;
    if (guard !== null) {
      const lock = this.#needs.znode(guard.path);
      if (!lock.exists || lock.czxid !== guard.czxid) {
        const reason = `the lock ${guard.path} is not held any more`;
        return at(failed('guardFailed', reason), { index: -1, path: guard.path });
      }
    }
    const succeeded = compare.every((it) => {
      const znode = this.#needs.znode(it.path);
      if (it.kind === 'data' && znode.exists) this.#needs.data(znode);
      return holds(it, znode);
    });
    const steps: AppliedStep[] = [];
    for (const [index, step] of (succeeded ? then : otherwise).entries()) {
      const applied = this.#step(step);
      if (applied.kind === 'failed') return at(applied, { index, path: step.path });
      if (this.#exceeded !== null) return at(this.#exceeded, { index, path: step.path });
      steps.push(applied);
      if (this.trial.size > this.#term.limits.transactionZnodes) {
        return at(this.#tooMany(), { index, path: step.path });
      }
    }
    const { transactionReadBytes: readBytes } = this.#term.limits;
    return { kind: 'transaction', succeeded, readBytes, steps };
  }

  /** What is compared is told, by what is done then: whoever compares must be allowed to read. */
  #unreadable(
    guard: TransactionOperation['guard'],
    compare: TransactionOperation['compare'],
  ): Failed | null {
    for (const { path } of guard === null ? compare : [guard, ...compare]) {
      const znode = this.#needs.znode(path);
      const refusal = znode.exists ? refusalByAcl(znode, 'read', this.#identities) : null;
      if (refusal !== null) return at(refusal, { index: -1, path });
    }
    return null;
  }

  #step(step: TransactionStep): AppliedStep | Failed {
    switch (step.kind) {
      case 'create':
        return this.#create(step);
      case 'setData':
        return this.#setData(step);
      case 'delete':
        return step.recursive ? this.#deleteTree(step) : this.#delete(step);
      case 'check':
        return this.#check(step);
      case 'setAcl':
        return this.#setAcl(step);
      default: {
        const znode = this.#needs.znode(step.path);
        const isDenied = znode.exists && refusalByAcl(znode, 'read', this.#identities) !== null;
        return { kind: isDenied ? 'denied' : step.kind, path: step.path };
      }
    }
  }

  #create(step: StepOf<'create'>): AppliedStep | Failed {
    const edits: ZnodeEdit[] = [];
    if (step.parents) {
      const refusal = this.#createAncestors(step.path, step.acl, edits);
      if (refusal !== null) return refusal;
    }
    const parent = this.#needs.znode(parentPath(step.path));
    const refusal = this.#refusalByParent(step, parent, edits.length > 0);
    if (refusal !== null) return refusal;
    const path = isSequential(step.mode) ? sequentialPath(step.path, parent.creates) : step.path;
    const znode = this.#needs.znode(path);
    const edit = this.#validateCreate(step, znode, parent);
    if (edit.kind === 'failed') return edit;
    this.#make(edit, znode, parent, edits);
    return { kind: 'created', edits };
  }

  /** From the highest that is missing down. */
  #createAncestors(path: ZnodePath, acl: Acl | undefined, edits: ZnodeEdit[]): Failed | null {
    const missing: OverlayZnode[] = [];
    for (let it = parentPath(path); it !== ROOT; it = parentPath(it)) {
      const znode = this.#needs.znode(it);
      if (znode.exists) break;
      missing.push(znode);
    }
    for (const znode of missing.toReversed()) {
      const edit = this.#createPlain(znode, NO_DATA, acl, edits.length > 0);
      if (edit.kind === 'failed') return edit;
      this.#make(edit, znode, this.#needs.znode(parentPath(znode.path)), edits);
    }
    return null;
  }

  #createPlain(
    znode: OverlayZnode,
    data: Uint8Array,
    acl: Acl | undefined,
    isParentNew: boolean,
  ): ZnodeEdit | Failed {
    const { path } = znode;
    const common = { kind: 'create', mode: 'persistent', ttlMs: NO_TTL } as const;
    const operation = { ...common, path, data, acl };
    const parent = this.#needs.znode(parentPath(path));
    return (
      this.#refusalByParent(operation, parent, isParentNew) ??
      this.#validateCreate(operation, znode, parent)
    );
  }

  /** A parent that the same step has made is its writer's to create in, whatever the ACL that it gave to both. */
  #refusalByParent(operation: Create, parent: OverlayZnode, isNew: boolean): Failed | null {
    const identities = isNew ? [SUPER] : this.#identities;
    return refusalByParent(operation, parent, identities, this.#term.limits);
  }

  #validateCreate(operation: Create, znode: OverlayZnode, parent: OverlayZnode) {
    const bytes = this.#ephemeralBytes;
    return validateCreate(operation, znode, parent, this.#state, this.#identities, bytes);
  }

  #setData(step: StepOf<'setData'>): AppliedStep | Failed {
    const znode = this.#needs.znode(step.path);
    const isMissing = step.upsert && !znode.exists;
    const edit = isMissing
      ? this.#createPlain(znode, step.data, undefined, false)
      : validateSetData(step, znode, this.#identities, this.#term.limits);
    if (edit.kind === 'failed') return edit;
    const parent = isMissing ? this.#needs.znode(parentPath(step.path)) : null;
    const edits: ZnodeEdit[] = [];
    this.#make(edit, znode, parent, edits);
    return { kind: 'dataSet', edits };
  }

  #setAcl(step: StepOf<'setAcl'>): AppliedStep | Failed {
    const znode = this.#needs.znode(step.path);
    const edit = validateSetAcl(step, znode, this.#identities);
    if (edit.kind === 'failed') return edit;
    const edits: ZnodeEdit[] = [];
    this.#make(edit, znode, null, edits);
    return { kind: 'aclSet', edits };
  }

  #delete(step: StepOf<'delete'>): AppliedStep | Failed {
    const znode = this.#needs.znode(step.path);
    const parent = this.#needs.znode(parentPath(step.path));
    const edit = validateDelete(step, znode, parent, this.#identities);
    if (edit.kind === 'failed') return edit;
    const edits: ZnodeEdit[] = [];
    this.#make(edit, znode, parent, edits);
    return { kind: 'deleted', edits };
  }

  #deleteTree(step: StepOf<'delete'>): AppliedStep | Failed {
    const top = this.#needs.znode(step.path);
    const parent = this.#needs.znode(parentPath(step.path));
    const refusal = refusalOfDelete(step, top, parent, this.#identities);
    if (refusal !== null) return refusal;
    const below = this.#below(this.#needs.subtree(step.path));
    if (below === null) return this.#tooMany();
    const edits: ZnodeEdit[] = [];
    // A path is longer than those of its ancestors.
    for (const znode of [...below, top].sort((a, b) => b.path.length - a.path.length)) {
      const above = this.#needs.znode(parentPath(znode.path));
      const denied = refusalByAcl(above, 'delete', this.#identities);
      if (denied !== null) return denied;
      const parentCversion = above.cversion + 1;
      this.#make({ kind: 'deleteZnode', path: znode.path, parentCversion }, znode, above, edits);
    }
    return { kind: 'deleted', edits };
  }

  /** Nothing while it is not known: then the whole is tried again. */
  #below(subtree: Subtree): OverlayZnode[] | null {
    if (subtree.answer === null) return [];
    const below = this.#needs.below(subtree);
    return below !== null && below.length < this.#term.limits.transactionZnodes ? below : null;
  }

  #check(step: StepOf<'check'>): AppliedStep | Failed {
    const znode = this.#needs.znode(step.path);
    if (!znode.exists) return failed('noNode', `${step.path} does not exist`);
    const refusal = refusalByAcl(znode, 'read', this.#identities);
    if (refusal !== null) return refusal;
    if (step.version !== ANY_VERSION && step.version !== znode.version) {
      return badVersion(znode, step.version);
    }
    return { kind: 'checked' };
  }

  #make(
    edit: ZnodeEdit,
    znode: OverlayZnode,
    parent: OverlayZnode | null,
    edits: ZnodeEdit[],
  ): void {
    this.#exceeded ??= refusalByLimits(edit, znode, parent, this.#term);
    this.trial.make(edit, znode, parent);
    edits.push(edit);
  }

  #tooMany(): Failed {
    const { transactionZnodes } = this.#term.limits;
    return failed('tooLarge', `a transaction changes at most ${transactionZnodes} znodes`, {
      kind: 'transactionZnodes',
      path: '',
      limit: transactionZnodes,
      use: transactionZnodes,
      more: 1,
    });
  }
}

function at(refusal: Failed, step: FailedStep): Failed {
  return { ...refusal, step };
}
