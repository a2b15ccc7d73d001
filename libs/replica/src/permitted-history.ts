import type { HistoryApi, LogReceiver, Sending, UnaryHandlers } from '@paddock/link-grpc';
import { missingPermission, parentPath, PERMISSIONS, ZXID_ZERO } from '@paddock/model';
import type { Identities, LogQuery, Permission, ZnodePath } from '@paddock/model';

/**
 * The past of a znode is told to who may read it, that of a whole subtree to who may administer its top. Of a znode
 * that is gone the nearest one above decides. A replica that has lost the leader answers as well: it has its log.
 */
export class PermittedHistory implements HistoryApi {
  readonly #searches: Pick<HistoryApi, 'log'>;
  readonly #database: Pick<UnaryHandlers, 'call'>;

  /** `database`: asks that of the replica. */
  constructor(searches: Pick<HistoryApi, 'log'>, database: Pick<UnaryHandlers, 'call'>) {
    this.#searches = searches;
    this.#database = database;
  }

  log(query: LogQuery, receiver: LogReceiver, identities: Identities): Sending {
    const permission: Permission = query.subtree ? 'admin' : 'read';
    let searching: Sending | null = null;
    let isCancelled = false;
    let abandon = (): void => undefined;
    const ask = (path: ZnodePath): void => {
      const can = { kind: 'can', path, permissions: PERMISSIONS[permission] } as const;
      const operation = { ...can, atLeast: ZXID_ZERO, acceptsReadOnly: true } as const;
      const answered: Parameters<UnaryHandlers['call']>[1] = ({ result }) => {
        if (isCancelled) return;
        if (result.kind === 'permitted' && result.permitted) {
          searching = this.#searches.log(query, receiver, identities);
        } else if (result.kind !== 'failed') {
          receiver.failed('noAuth', missingPermission(path, permission).reason);
        } else if (result.code === 'noNode') {
          ask(parentPath(path));
        } else receiver.failed(result.code, result.reason);
      };
      abandon = this.#database.call(operation, answered, identities);
    };
    ask(query.path);
    return {
      drained: () => searching?.drained(),
      cancel: () => {
        isCancelled = true;
        abandon();
        searching?.cancel();
      },
    };
  }
}
