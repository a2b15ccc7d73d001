import {
  ANY_VERSION,
  isEphemeral,
  isSequential,
  NO_SESSION,
  parentPath,
  ROOT,
  sequentialPath,
} from '@paddock/model';
import type { SessionId, WriteOperation, ZnodePath } from '@paddock/model';

interface Znode {
  version: number;
  creates: number;
  children: number;
  owner: SessionId;
}

/** ZooKeeper's tree, one write after the other, with nothing in flight: what every schedule must come to. */
export class NaiveOrder {
  readonly znodes = new Map<ZnodePath, Znode>([[ROOT, newborn(NO_SESSION)]]);

  /** What becomes of a write, in words. */
  run(session: SessionId, operation: WriteOperation): string {
    switch (operation.kind) {
      case 'create':
        return this.#create(session, operation);
      case 'setData': {
        const znode = this.znodes.get(operation.path);
        if (znode === undefined) return 'noNode';
        if (isOther(operation.version, znode)) return 'badVersion';
        znode.version++;
        return `set ${operation.path} ${znode.version}`;
      }
      case 'delete': {
        if (operation.path === ROOT) return 'badArguments';
        const znode = this.znodes.get(operation.path);
        if (znode === undefined) return 'noNode';
        if (isOther(operation.version, znode)) return 'badVersion';
        if (znode.children > 0) return 'notEmpty';
        this.#remove(operation.path);
        return `deleted ${operation.path}`;
      }
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

  #create(
    session: SessionId,
    operation: Extract<WriteOperation, { readonly kind: 'create' }>,
  ): string {
    const parent = this.znodes.get(parentPath(operation.path));
    if (parent === undefined) return 'noNode';
    const path = isSequential(operation.mode)
      ? sequentialPath(operation.path, parent.creates)
      : operation.path;
    if (this.znodes.has(path)) return 'nodeExists';
    if (parent.owner !== NO_SESSION) return 'noChildrenForEphemerals';
    this.znodes.set(path, newborn(isEphemeral(operation.mode) ? session : NO_SESSION));
    parent.creates++;
    parent.children++;
    return `created ${path}`;
  }

  #remove(path: ZnodePath): void {
    this.znodes.delete(path);
    const parent = this.znodes.get(parentPath(path));
    if (parent !== undefined) parent.children--;
  }
}

function newborn(owner: SessionId): Znode {
  return { version: 0, creates: 0, children: 0, owner };
}

function isOther(version: number, znode: Znode): boolean {
  return version !== ANY_VERSION && version !== znode.version;
}
