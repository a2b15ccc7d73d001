import {
  ANY_VERSION,
  isEphemeral,
  isSequential,
  NO_SESSION,
  parentPath,
  ROOT,
  sequentialPath,
} from '@paddock/model';
import type {
  Comparison,
  Quota,
  SessionId,
  TransactionOperation,
  TransactionStep,
  WriteOperation,
  ZnodePath,
} from '@paddock/model';

interface Znode {
  version: number;
  creates: number;
  children: number;
  owner: SessionId;
  data: string;
}

type Create = Omit<Extract<WriteOperation, { readonly kind: 'create' }>, 'kind'>;
type SetData = Omit<Extract<WriteOperation, { readonly kind: 'setData' }>, 'kind'>;
type Delete = Omit<Extract<WriteOperation, { readonly kind: 'delete' }>, 'kind'>;

/** A refusal in words: an error code. What was done has more than one word. */
function isRefusal(words: string): boolean {
  return !words.includes(' ');
}

/** ZooKeeper's tree, one write after the other, with nothing in flight: what every schedule must come to. */
export class NaiveOrder {
  znodes = new Map<ZnodePath, Znode>([[ROOT, newborn(NO_SESSION, '')]]);

  quotas = new Map<ZnodePath, Quota>();

  /** What becomes of a write, in words. */
  run(session: SessionId, operation: WriteOperation): string {
    switch (operation.kind) {
      case 'create':
        return this.#create(session, operation);
      case 'setData':
        return this.#setData(operation);
      case 'delete':
        return this.#delete(operation);
      case 'setQuota':
        if (!this.znodes.has(operation.path)) return 'noNode';
        this.quotas.set(operation.path, operation.quota);
        return `quota of ${operation.path}`;
      case 'transaction':
        return this.#transaction(session, operation);
      case 'setAcl':
        return this.znodes.has(operation.path) ? `acl ${operation.path}` : 'noNode';
      case 'refused':
        return operation.code;
      case 'closeSession':
        return this.close(session);
    }
  }

  close(session: SessionId): string {
    const own = [...this.znodes].filter(([, it]) => it.owner === session).map(([path]) => path);
    for (const path of own) this.#remove(path);
    return `closed ${own.sort().join(' ')}`;
  }

  #transaction(session: SessionId, operation: TransactionOperation): string {
    const before = new Map([...this.znodes].map(([path, it]) => [path, { ...it }]));
    const quotas = new Map(this.quotas);
    const succeeded = operation.compare.every((it) => this.#holds(it));
    const words: string[] = [];
    for (const [index, step] of (succeeded ? operation.then : operation.otherwise).entries()) {
      const done = this.#step(session, step);
      const refusal = done.find(isRefusal);
      if (refusal !== undefined) {
        this.znodes = before;
        this.quotas = quotas;
        return `${refusal} at ${index} ${step.path}`;
      }
      words.push(done.sort().join(', '));
    }
    return `${succeeded ? 'then' : 'otherwise'}: ${words.join('; ')}`;
  }

  #holds(comparison: Comparison): boolean {
    const znode = this.znodes.get(comparison.path);
    if (comparison.kind === 'exists') return (znode !== undefined) === comparison.exists;
    if (znode === undefined) return false;
    const [a, b] =
      comparison.kind === 'data'
        ? [znode.data, textOf(comparison.data)]
        : [numberOf(comparison.kind, znode), comparison.value];
    switch (comparison.relation) {
      case 'equal':
        return a === b;
      case 'notEqual':
        return a !== b;
      case 'less':
        return a < b;
      case 'greater':
        return a > b;
    }
  }

  #step(session: SessionId, step: TransactionStep): string[] {
    switch (step.kind) {
      case 'create': {
        const above = step.parents ? this.#createAncestors(session, step.path) : [];
        return [...above, this.#create(session, step)];
      }
      case 'setData': {
        if (!step.upsert || this.znodes.has(step.path)) return [this.#setData(step)];
        return [this.#create(session, { ...step, mode: 'persistent', ttlMs: 0 })];
      }
      case 'delete':
        return step.recursive ? this.#deleteTree(step) : [this.#delete(step)];
      case 'check': {
        const znode = this.znodes.get(step.path);
        if (znode === undefined) return ['noNode'];
        return isOther(step.version, znode) ? ['badVersion'] : [`checked ${step.path}`];
      }
      default:
        return [`${step.kind} ${step.path}`];
    }
  }

  #createAncestors(session: SessionId, path: ZnodePath): string[] {
    const above = parentPath(path);
    if (this.znodes.has(above)) return [];
    const words = this.#createAncestors(session, above);
    if (words.some(isRefusal)) return words;
    const creation = {
      path: above,
      data: new Uint8Array(0),
      mode: 'persistent',
      ttlMs: 0,
    } as const;
    return [...words, this.#create(session, creation)];
  }

  #deleteTree(step: Delete): string[] {
    if (step.path === ROOT) return ['badArguments'];
    const znode = this.znodes.get(step.path);
    if (znode === undefined) return ['noNode'];
    if (isOther(step.version, znode)) return ['badVersion'];
    const below = [...this.znodes.keys()].filter((it) => it.startsWith(`${step.path}/`));
    const paths = [step.path, ...below].sort((a, b) => b.length - a.length);
    for (const path of paths) this.#remove(path);
    return paths.map((it) => `deleted ${it}`);
  }

  #create(session: SessionId, operation: Create): string {
    const parent = this.znodes.get(parentPath(operation.path));
    if (parent === undefined) return 'noNode';
    const path = isSequential(operation.mode)
      ? sequentialPath(operation.path, parent.creates)
      : operation.path;
    if (this.znodes.has(path)) return 'nodeExists';
    if (parent.owner !== NO_SESSION) return 'noChildrenForEphemerals';
    if (this.#exceeds(path, 1, operation.data.length)) return 'quotaExceeded';
    const owner = isEphemeral(operation.mode) ? session : NO_SESSION;
    this.znodes.set(path, newborn(owner, textOf(operation.data)));
    parent.creates++;
    parent.children++;
    return `created ${path}`;
  }

  #setData({ path, version, data }: SetData): string {
    const znode = this.znodes.get(path);
    if (znode === undefined) return 'noNode';
    if (isOther(version, znode)) return 'badVersion';
    if (this.#exceeds(path, 0, data.length - znode.data.length)) return 'quotaExceeded';
    znode.version++;
    znode.data = textOf(data);
    return `set ${path} ${znode.version}`;
  }

  #delete({ path, version }: Delete): string {
    if (path === ROOT) return 'badArguments';
    const znode = this.znodes.get(path);
    if (znode === undefined) return 'noNode';
    if (isOther(version, znode)) return 'badVersion';
    if (znode.children > 0) return 'notEmpty';
    this.#remove(path);
    return `deleted ${path}`;
  }

  #exceeds(path: ZnodePath, count: number, bytes: number): boolean {
    return [...this.quotas].some(([at, { countHard, bytesHard }]) => {
      const prefix = at === ROOT ? ROOT : `${at}/`;
      if (at !== path && !path.startsWith(prefix)) return false;
      const within = [...this.znodes].filter(([it]) => it === at || it.startsWith(prefix));
      const held = within.reduce((sum, [, it]) => sum + it.data.length, 0);
      if (count > 0 && countHard > 0 && within.length + count > countHard) return true;
      return bytes > 0 && bytesHard > 0 && held + bytes > bytesHard;
    });
  }

  #remove(path: ZnodePath): void {
    this.znodes.delete(path);
    this.quotas.delete(path);
    const parent = this.znodes.get(parentPath(path));
    if (parent !== undefined) parent.children--;
  }
}

function newborn(owner: SessionId, data: string): Znode {
  return { version: 0, creates: 0, children: 0, owner, data };
}

function isOther(version: number, znode: Znode): boolean {
  return version !== ANY_VERSION && version !== znode.version;
}

/** ASCII is in order as its bytes are. */
function textOf(data: Uint8Array): string {
  return String.fromCharCode(...data);
}

function numberOf(kind: 'version' | 'mzxid' | 'childCount' | 'owner', znode: Znode): number {
  switch (kind) {
    case 'version':
      return znode.version;
    case 'childCount':
      return znode.children;
    case 'owner':
      return znode.owner;
    case 'mzxid':
      throw new Error('there are no zxids here');
  }
}
