import type { SnapshotReply, SnapshotRequest } from '@paddock/model';
import type { Link, LinkAcceptor, LinkHandlers } from '@paddock/ports';

type Acceptor = LinkAcceptor<SnapshotReply[], SnapshotRequest[]>;

/** What the first request on a link is about says who serves it: a snapshot, or a backup. */
export function acceptDatabaseBy(snapshots: Acceptor, backups: Acceptor): Acceptor {
  return (link: Link<SnapshotReply[]>): LinkHandlers<SnapshotRequest[]> => {
    let handlers: LinkHandlers<SnapshotRequest[]> | null = null;
    return {
      received: (batch) => {
        handlers ??= (batch[0]?.kind === 'fetch' ? snapshots : backups)(link);
        handlers.received(batch);
      },
      drained: () => handlers?.drained(),
      ended: (end) => handlers?.ended(end),
    };
  };
}
