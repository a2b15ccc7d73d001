import { attachment, closing, FRONTEND_A, session, type DatabaseWorld } from './database-world.ts';

/** Sessions with outcomes and ephemerals, a tombstone, a tree, a term and a configuration. */
export function fill(world: DatabaseWorld, sessions = 300): void {
  world.deliver(world.marker());
  for (let id = 1; id <= sessions; id++) {
    world.open(session(id), attachment(FRONTEND_A, id));
    world.create(`/e${id}`, { session: session(id), sequence: 1 }, session(id));
  }
  world.apply(closing(session(1), ['/e1']));
}

export function digests(world: DatabaseWorld): string {
  const { znodesDigest, sessionsDigest, znodes, sessions, tombstones } = world.core.status();
  return [znodesDigest, sessionsDigest, znodes, sessions, tombstones].join(' ');
}
