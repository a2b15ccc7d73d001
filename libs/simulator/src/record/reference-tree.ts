import { CLOSE_SESSION_BYTES } from '@paddock/codec';
import {
  ANY_VERSION,
  createdOf,
  ephemeralCost,
  hasTtl,
  isEphemeral,
  isSequential,
  kindOfMode,
  NO_SESSION,
  NO_TTL,
  OPEN_ACL,
  parseZnodePath,
  permissionNames,
  reapedAt,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  Acl,
  BatchedRead,
  BatchedResult,
  Change,
  ClientOperation,
  ClientRead,
  Identities,
  Limits,
  QuotaUse,
  ReadResult,
  SessionId,
  Transaction,
  TransactionOperation,
  WriteResult,
  ZnodeCreation,
  Zxid,
} from '@paddock/model';
import { editsOf } from './edits.ts';
import { ReferenceQuotas } from './reference-quotas.ts';
import { badPathOf, StepRefused, transact } from './reference-transaction.ts';
import { countOf, subtreeOf } from './reference-subtree.ts';
import { createdWith, isValid, masked, may, writtenAs } from './reference-access.ts';
import { failed, nameOf, pageOf, parentOf, readOf, statOf } from './reference-znode.ts';
import type { Znode } from './reference-znode.ts';

type Of<Kind extends ClientOperation['kind']> = Extract<ClientOperation, { readonly kind: Kind }>;

type Creation = Pick<ZnodeCreation, 'data' | 'ephemeralOwner' | 'znodeKind' | 'ttlMs' | 'acl'> & {
  readonly path: string;
};

/** Of znodes. */
export type TreeRead = Exclude<ClientRead, { readonly kind: 'listSessions' | 'getWatches' }>;

/** What makes a transaction: everything of it but what it changes. */
type Occasion = Pick<Transaction, 'zxid' | 'time' | 'session'>;

/** Somebody's. */
type Request = Occasion & { readonly identities: Identities };

/**
 * The data model as the paper has it (2.2), one operation after the other and without a thought for speed: what the
 * service has done must look as if this had done it.
 */
export class ReferenceTree {
  readonly #limits: Limits;
  readonly #znodes = new Map<string, Znode>();
  readonly #quotas = new ReferenceQuotas(this.#znodes);

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#put('/', new Uint8Array(0), { zxid: ZXID_ZERO, time: 0, session: NO_SESSION });
  }

  /** Executes a write where it stands in the order, and says what its client must be told. */
  execute(operation: ClientOperation, occasion: Occasion, identities?: Identities): WriteResult {
    const by = { ...occasion, identities };
    switch (operation.kind) {
      case 'create':
        return this.#create(operation, by);
      case 'setData':
        return this.#setData(operation, by);
      case 'delete':
        return this.#delete(operation, by);
      case 'setQuota':
        return this.#setQuota(operation, by);
      case 'setAcl':
        return this.#setAcl(operation, by);
      case 'transaction':
        return this.#transaction(operation, by);
      case 'closeSession':
        this.endSession(occasion.session, occasion.zxid);
        return { kind: 'closed' };
      default:
        return failed('unimplemented');
    }
  }

  /** What the session must be told of this read; a call has none. */
  read(operation: TreeRead, session: SessionId, identities?: Identities): ReadResult {
    const { path } = operation;
    if (!parseZnodePath(path).ok) return failed('badArguments');
    if (operation.kind === 'getEphemerals') {
      const owner = operation.owner === NO_SESSION ? session : operation.owner;
      const shown = (it: string): boolean => owner === session || this.#mayRead(it, identities);
      const owned = this.ephemeralsOf(owner).filter(shown);
      const paths = owned.filter((it) => it.startsWith(path)).sort();
      return { kind: 'ephemerals', paths: paths.map(trustedPath) };
    }
    if (operation.kind === 'readMany') {
      return {
        kind: 'many',
        results: operation.reads.map((it) => this.#readOfBatch(it, identities)),
      };
    }
    if (operation.kind === 'getQuotas') {
      const uses = this.#quotas.uses(path).filter((it) => this.#mayRead(it.path, identities));
      return { kind: 'quotas', quotas: uses };
    }
    const znode = this.#znodes.get(path);
    if (znode === undefined) return failed('noNode');
    if (operation.kind === 'can') {
      const asked = permissionNames(operation.permissions);
      return { kind: 'permitted', permitted: asked.every((it) => may(znode, it, identities)) };
    }
    const isAdministrator = operation.kind === 'getAcl' && may(znode, 'admin', identities);
    if (!isAdministrator && !may(znode, 'read', identities)) return failed('noAuth');
    if (operation.kind === 'getSubtree') return subtreeOf(this.#znodes, path, identities);
    switch (operation.kind) {
      case 'getAcl': {
        const acl = isAdministrator ? znode.acl : masked(znode.acl);
        return { kind: 'acl', acl, stat: statOf(znode) };
      }
      case 'getChildrenPage':
        return pageOf(znode, operation);
      case 'countDescendants':
        return countOf(this.#znodes, path, znode);
      default:
        return readOf(operation.kind, znode);
    }
  }

  #readOfBatch({ kind, path }: BatchedRead<string>, identities: Identities): BatchedResult {
    const znode = this.#znodes.get(path);
    if (znode === undefined) return failed('noNode');
    if (!may(znode, 'read', identities)) return failed('noAuth');
    return kind === 'countDescendants' ? countOf(this.#znodes, path, znode) : readOf(kind, znode);
  }

  /** True of what is not there. */
  #mayRead(path: string, identities: Identities): boolean {
    const znode = this.#znodes.get(path);
    return znode === undefined || may(znode, 'read', identities);
  }

  /** What a transaction says, for the ones whose request nobody remembers. */
  apply(change: Change, occasion: Occasion): void {
    const { zxid } = occasion;
    for (const edit of editsOf(change)) {
      if (edit.kind === 'createZnode') this.#insert(edit, occasion);
      else if (edit.kind === 'setZnodeData') this.#write(edit.path, edit.data, occasion);
      else if (edit.kind === 'setZnodeAcl') this.#changeAcl(edit.path, edit.acl);
      else this.#remove(edit.path, zxid);
    }
    if (change.kind === 'closeSession') this.endSession(change.session, zxid);
    if (change.kind === 'setQuota') this.#quotas.set(change.path, change.quota);
  }

  /** When the ensemble may delete the znode, ms since 1970. */
  reapedAt(path: string, unusedContainerMs: number): number {
    const znode = this.#znodes.get(path);
    return znode === undefined ? Infinity : reapedAt(statOf(znode), unusedContainerMs);
  }

  paths(): IterableIterator<string> {
    return this.#znodes.keys();
  }

  /** What is there; null: nothing. */
  found(path: string): { readonly version: number; readonly data: Uint8Array } | null {
    return this.#znodes.get(path) ?? null;
  }

  ephemeralsOf(session: SessionId): string[] {
    return [...this.#znodes].filter(([, it]) => it.owner === session).map(([path]) => path);
  }

  /** Becomes what that tree is, without what sessions owned there. */
  restore(backup: ReferenceTree, zxid: Zxid): void {
    this.#znodes.clear();
    for (const [path, it] of backup.#znodes) {
      this.#znodes.set(path, { ...it, children: new Set(it.children) });
    }
    this.#quotas.restore(backup.#quotas.copy());
    const owned = [...this.#znodes].filter(([, it]) => it.owner !== NO_SESSION);
    for (const [path] of owned) this.#remove(path, zxid);
  }

  endSession(session: SessionId, zxid: Zxid): void {
    for (const path of this.ephemeralsOf(session)) this.#remove(path, zxid);
  }

  #transaction(operation: TransactionOperation<string>, by: Request): WriteResult {
    const bad = badPathOf(operation);
    if (bad !== null) return { ...failed('badArguments'), step: bad };
    const before = [...this.#znodes].map(([path, it]): [string, Znode] => [
      path,
      { ...it, children: new Set(it.children) },
    ]);
    const quotas = this.#quotas.copy();
    try {
      return transact(operation, {
        stat: (path) => {
          const znode = this.#znodes.get(path);
          return znode === undefined ? null : statOf(znode);
        },
        mayRead: (path) => this.#mayRead(path, by.identities),
        data: (path) => this.#znodes.get(path)?.data ?? new Uint8Array(0),
        execute: (it, isParentNew) => {
          // Below what the same step has made its writer may create, whatever the ACL that both have got.
          if (it.kind === 'create' && isParentNew) return this.#create(it, by, true);
          return this.execute(it, by, by.identities);
        },
        read: (kind, path) => {
          const znode = this.#znodes.get(path);
          if (znode === undefined) return failed('noNode');
          return this.#mayRead(path, by.identities) ? readOf(kind, znode) : failed('noAuth');
        },
        below: (path) =>
          [...this.#znodes.keys()]
            .filter((it) => it.startsWith(`${path}/`))
            .sort((a, b) => b.length - a.length),
      });
    } catch (error) {
      if (!(error instanceof StepRefused)) throw error;
      this.#znodes.clear();
      for (const [path, znode] of before) this.#znodes.set(path, znode);
      this.#quotas.restore(quotas);
      return { ...failed(error.code), step: error.step };
    }
  }

  #create(
    { path, data, mode, ttlMs, acl }: Of<'create'>,
    by: Request,
    isParentNew = false,
  ): WriteResult {
    if (hasTtl(mode) !== ttlMs > 0) return failed('badArguments');
    if (!parseZnodePath(path, isSequential(mode)).ok) return failed('badArguments');
    if (data.length > this.#limits.znodeDataBytes) return failed('tooLarge');
    const parent = this.#znodes.get(parentOf(path));
    if (parent === undefined) return failed('noNode');
    if (!isParentNew && !may(parent, 'create', by.identities)) return failed('noAuth');
    const counter = String(parent.creates).padStart(10, '0');
    const created = isSequential(mode) ? `${path}${counter}` : path;
    if (this.#znodes.has(created)) return failed('nodeExists');
    if (parent.owner !== NO_SESSION) return failed('noChildrenForEphemerals');
    const owner = isEphemeral(mode) ? by.session : NO_SESSION;
    if (
      owner !== NO_SESSION &&
      this.#ephemeralBytes(owner) + ephemeralCost(created.length) > this.#quota
    ) {
      return failed('quotaExceeded');
    }
    const written = createdWith(acl, parent.acl, by.identities);
    if (written === null) return failed('invalidAcl');
    const znodeKind = kindOfMode(mode);
    if (parent.children.size >= this.#limits.childrenPerZnode) return failed('quotaExceeded');
    if (this.#quotas.wouldExceed(created, 1, data.length)) return failed('quotaExceeded');
    const made = { path: created, data, ephemeralOwner: owner, znodeKind, ttlMs };
    const znode = this.#insert({ ...made, acl: written }, by);
    const endsWithCounter = created.endsWith(counter);
    const number = endsWithCounter ? parent.creates - 1 : null;
    return createdOf(trustedPath(created), statOf(znode), number);
  }

  #setData({ path, data, version }: Of<'setData'>, by: Request): WriteResult {
    const znode = this.#znodes.get(path);
    if (data.length > this.#limits.znodeDataBytes) return failed('tooLarge');
    if (znode === undefined) return failed('noNode');
    if (!may(znode, 'write', by.identities)) return failed('noAuth');
    if (version !== ANY_VERSION && version !== znode.version) return failed('badVersion');
    const more = data.length - znode.data.length;
    if (this.#quotas.wouldExceed(path, 0, more)) return failed('quotaExceeded');
    this.#write(path, data, by);
    return { kind: 'dataSet', stat: statOf(znode) };
  }

  #setQuota({ path, quota }: Of<'setQuota'>, { identities }: Request): WriteResult {
    if (!parseZnodePath(path).ok) return failed('badArguments');
    if (!this.#znodes.has(path)) return failed('noNode');
    const above = this.#znodes.get(parentOf(path));
    if (above !== undefined && !may(above, 'admin', identities)) return failed('noAuth');
    this.#quotas.set(path, quota);
    return { kind: 'quotaSet' };
  }

  /** Of every quota. */
  quotaUses(): readonly QuotaUse[] {
    return this.#quotas.uses('/');
  }

  #delete({ path, version }: Of<'delete'>, { zxid, identities }: Request): WriteResult {
    if (path === '/') return failed('badArguments');
    const znode = this.#znodes.get(path);
    if (znode === undefined) return failed('noNode');
    const parent = this.#znodes.get(parentOf(path));
    if (parent !== undefined && !may(parent, 'delete', identities)) return failed('noAuth');
    if (version !== ANY_VERSION && version !== znode.version) return failed('badVersion');
    if (znode.children.size > 0) return failed('notEmpty');
    this.#remove(path, zxid);
    return { kind: 'deleted' };
  }

  #setAcl({ path, acl, version }: Of<'setAcl'>, { identities }: Request): WriteResult {
    if (!isValid(acl)) return failed('invalidAcl');
    const znode = this.#znodes.get(path);
    if (znode === undefined) return failed('noNode');
    if (!may(znode, 'admin', identities)) return failed('noAuth');
    const written = writtenAs(acl, identities);
    if (written === null) return failed('invalidAcl');
    if (version !== ANY_VERSION && version !== znode.aversion) return failed('badVersion');
    this.#changeAcl(path, written);
    return { kind: 'aclSet', stat: statOf(znode) };
  }

  #changeAcl(path: string, acl: Acl): void {
    const znode = this.#znodes.get(path);
    if (znode === undefined) return;
    znode.acl = acl;
    znode.aversion++;
  }

  get #quota(): number {
    const { ephemeralBytesPerSession, requestBytes } = this.#limits;
    return Math.min(ephemeralBytesPerSession, requestBytes - CLOSE_SESSION_BYTES);
  }

  #ephemeralBytes(session: SessionId): number {
    return this.ephemeralsOf(session).reduce((sum, path) => sum + ephemeralCost(path.length), 0);
  }

  #insert(creation: Creation, occasion: Occasion): Znode {
    const { path, data, ephemeralOwner, znodeKind, ttlMs } = creation;
    const parent = this.#znodes.get(parentOf(path));
    if (parent !== undefined) {
      parent.children.add(nameOf(path));
      parent.creates++;
      parent.cversion++;
      parent.pzxid = occasion.zxid;
    }
    const znode = this.#put(path, data, occasion);
    znode.owner = ephemeralOwner;
    znode.kind = znodeKind;
    znode.ttlMs = ttlMs;
    znode.acl = creation.acl ?? OPEN_ACL;
    return znode;
  }

  #put(path: string, data: Uint8Array, { zxid, time }: Occasion): Znode {
    const znode: Znode = {
      data,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: time,
      mtime: time,
      version: 0,
      cversion: 0,
      creates: 0,
      owner: NO_SESSION,
      kind: 'persistent',
      ttlMs: NO_TTL,
      acl: OPEN_ACL,
      aversion: 0,
      children: new Set(),
    };
    this.#znodes.set(path, znode);
    return znode;
  }

  #write(path: string, data: Uint8Array, { zxid, time }: Occasion): void {
    const znode = this.#znodes.get(path);
    if (znode === undefined) return;
    znode.data = data;
    znode.version++;
    znode.mzxid = zxid;
    znode.mtime = time;
  }

  #remove(path: string, zxid: Zxid): void {
    this.#znodes.delete(path);
    this.#quotas.end(path);
    const parent = this.#znodes.get(parentOf(path));
    if (parent === undefined) return;
    parent.children.delete(nameOf(path));
    parent.cversion++;
    parent.pzxid = zxid;
  }
}
