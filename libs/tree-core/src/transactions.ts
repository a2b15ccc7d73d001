import {
  assert,
  createdOf,
  endsWithCounter,
  ephemeralCost,
  formatZxid,
  missingPermission,
  NO_SESSION,
} from '@paddock/model';
import type {
  Change,
  Created,
  Outcome,
  Transaction,
  TransactionResult,
  WriteResult,
  ZnodeDeletion,
  ZnodeEdit,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { DatabaseEffects } from './database-effects.ts';
import type { DatabaseState } from './database-state.ts';
import type { Frontends } from './frontends/frontends.ts';
import { TransactionReads } from './transaction-reads.ts';
import type { Session, Tombstone } from './sessions/session.ts';

type ChangeOf<Kind extends Change['kind']> = Extract<Change, { readonly kind: Kind }>;

const DELETED = { kind: 'deleted' } as const;
const CLOSED: WriteResult = { kind: 'closed' };
const QUOTA_SET: WriteResult = { kind: 'quotaSet' };

/**
 * Applies transactions to the tree and the session table. Within one zxid the front-ends are told of the events, then
 * of the outcome, and then the parked reads are answered (H4).
 */
export class Transactions {
  readonly #state: DatabaseState;
  readonly #frontends: Frontends;

  constructor(state: DatabaseState, frontends: Frontends) {
    this.#state = state;
    this.#frontends = frontends;
  }

  /** The transaction is the next one; `state.applied` is its zxid already. */
  apply(transaction: Transaction, out: DatabaseEffects): void {
    const { change, zxid } = transaction;
    this.#state.time = transaction.time;
    switch (change.kind) {
      case 'createZnode':
        this.#settle(transaction, this.#create(change, transaction, out), out);
        break;
      case 'setZnodeData':
        this.#settle(transaction, this.#setData(change, transaction, out), out);
        break;
      case 'deleteZnode':
        this.#delete(change, zxid, out);
        this.#settle(transaction, DELETED, out);
        break;
      case 'setZnodeAcl':
        this.#settle(transaction, this.#setAcl(change, zxid), out);
        break;
      case 'transaction':
        this.#settle(transaction, this.#transact(change, transaction, out), out);
        break;
      case 'setQuota':
        this.#setQuota(change);
        this.#settle(transaction, QUOTA_SET, out);
        break;
      case 'failed':
        this.#settle(transaction, change, out);
        break;
      case 'openSession':
        this.#frontends.sessionOpened(this.#state.sessions.open(change), zxid, out);
        break;
      case 'resumeSession':
        this.#resume(change, zxid, out);
        break;
      case 'closeSession':
        this.#close(change, transaction, out);
        break;
      case 'acknowledgeOutcomes':
        this.#acknowledge(change);
        break;
      case 'dropTombstones':
        this.#state.sessions.dropTombstones(change.through);
        break;
    }
  }

  /** One step after the other, so that each shows what those before it have done. */
  #transact(
    change: ChangeOf<'transaction'>,
    transaction: Transaction,
    out: DatabaseEffects,
  ): WriteResult {
    const reads = new TransactionReads(this.#state, change.readBytes);
    const results = change.steps.map((step): TransactionResult => {
      switch (step.kind) {
        case 'checked':
          return { kind: 'checked' };
        case 'denied':
          return missingPermission(step.path, 'read');
        case 'getData':
        case 'exists':
        case 'getChildren':
          return reads.read({ kind: step.kind, path: step.path, watch: false });
        default:
          return this.#edit(step.kind, step.edits, transaction, out);
      }
    });
    return { kind: 'transacted', succeeded: change.succeeded, results };
  }

  #edit(
    kind: 'created' | 'dataSet' | 'deleted' | 'aclSet',
    edits: readonly ZnodeEdit[],
    transaction: Transaction,
    out: DatabaseEffects,
  ): TransactionResult {
    let result: TransactionResult = DELETED;
    for (const edit of edits) {
      if (edit.kind === 'createZnode') result = this.#create(edit, transaction, out);
      else if (edit.kind === 'setZnodeData') result = this.#setData(edit, transaction, out);
      else if (edit.kind === 'setZnodeAcl') result = this.#setAcl(edit, transaction.zxid);
      else this.#delete(edit, transaction.zxid, out);
    }
    // What an upsert has created was set.
    return kind === 'dataSet' && result.kind === 'created'
      ? { kind: 'dataSet', stat: result.stat }
      : result;
  }

  #create(
    change: ChangeOf<'createZnode'>,
    { zxid, time }: Transaction,
    out: DatabaseEffects,
  ): Created {
    const { znodes, history, watches, sessions } = this.#state;
    const { path, ephemeralOwner } = change;
    const row = znodes.create(change, zxid, time);
    if (ephemeralOwner !== NO_SESSION) {
      const owner = sessions.find(ephemeralOwner);
      if (owner !== undefined) sessions.addEphemeralBytes(owner, ephemeralCost(path.length));
    }
    const stat = znodes.stat(row);
    history.created(path, zxid);
    watches.created(path, zxid, out);
    const counter = change.parentCreates - 1;
    return createdOf(path, stat, endsWithCounter(path, counter) ? counter : null);
  }

  #setData(
    change: ChangeOf<'setZnodeData'>,
    { zxid, time }: Transaction,
    out: DatabaseEffects,
  ): Extract<WriteResult, { readonly kind: 'dataSet' }> {
    const { znodes, history, watches } = this.#state;
    const row = this.#row(change.path, zxid);
    znodes.setData(row, change.data, change.version, zxid, time);
    history.dataChanged(change.path, zxid);
    watches.dataChanged(change.path, zxid, out);
    return { kind: 'dataSet', stat: znodes.stat(row) };
  }

  /** Nobody is told: no watch of ZooKeeper's is about ACLs. */
  #setAcl(
    { path, acl, version }: ChangeOf<'setZnodeAcl'>,
    zxid: Zxid,
  ): Extract<WriteResult, { readonly kind: 'aclSet' }> {
    const { znodes } = this.#state;
    const row = this.#row(path, zxid);
    znodes.setAcl(row, acl, version, zxid);
    return { kind: 'aclSet', stat: znodes.stat(row) };
  }

  #delete({ path, parentCversion }: ZnodeDeletion, zxid: Zxid, out: DatabaseEffects): void {
    const { znodes, history, watches, sessions, quotas } = this.#state;
    const row = this.#row(path, zxid);
    const ephemeralOwner = znodes.ephemeralOwner(row);
    const { acl } = znodes.access(row);
    znodes.delete(row, parentCversion, zxid);
    quotas.znodeDeleted(path);
    if (ephemeralOwner !== NO_SESSION) {
      const owner = sessions.find(ephemeralOwner);
      if (owner !== undefined) sessions.addEphemeralBytes(owner, -ephemeralCost(path.length));
    }
    history.deleted(path, zxid, acl);
    watches.deleted(path, zxid, acl, out);
  }

  #setQuota({ path, quota }: ChangeOf<'setQuota'>): void {
    const { quotas, znodes } = this.#state;
    if (znodes.find(path) >= 0) quotas.set(path, quota);
  }

  #resume(change: ChangeOf<'resumeSession'>, zxid: Zxid, out: DatabaseEffects): void {
    const { sessions } = this.#state;
    const row = sessions.find(change.session);
    if (row === undefined) {
      this.#warn('a resume of a session that is not in the table was applied', change, zxid, out);
      return;
    }
    const replaced = row.attachment;
    sessions.resume(row, change.attachment, change.ackedThrough);
    this.#frontends.sessionResumed(row, replaced, zxid, out);
  }

  /** The session's ephemerals go in the same transaction, by its explicit list (H6). */
  #close(change: ChangeOf<'closeSession'>, transaction: Transaction, out: DatabaseEffects): void {
    const { zxid } = transaction;
    for (const deletion of change.znodes) this.#delete(deletion, zxid, out);
    const { sessions } = this.#state;
    const row = sessions.find(change.session);
    if (row === undefined) {
      // Closed already: to whom it was sent twice, it is done (H19 b).
      this.#settle(transaction, CLOSED, out);
      return;
    }
    if (transaction.session === row.session) this.#record(row, transaction, CLOSED, out);
    const tombstone: Tombstone = sessions.end(row, change.end, zxid);
    this.#frontends.sessionEnded(row, tombstone, out);
  }

  #acknowledge(change: ChangeOf<'acknowledgeOutcomes'>): void {
    const { sessions } = this.#state;
    for (const it of change.acknowledgements) {
      const row = sessions.find(it.session);
      if (row !== undefined) sessions.acknowledge(row, it.through);
    }
  }

  /** Records the outcome of a session's write, tells it, and answers the reads that waited for it. */
  #settle(transaction: Transaction, result: WriteResult, out: DatabaseEffects): void {
    if (transaction.session === NO_SESSION || transaction.sequence === 0) return;
    const row = this.#state.sessions.find(transaction.session);
    if (row === undefined) return;
    this.#record(row, transaction, result, out);
  }

  #record(row: Session, transaction: Transaction, result: WriteResult, out: DatabaseEffects): void {
    const outcome: Outcome = {
      sequence: transaction.sequence,
      zxid: transaction.zxid,
      requestHash: transaction.requestHash,
      result,
    };
    this.#state.sessions.record(row, transaction.ackedThrough, outcome);
    this.#frontends.settled(row, outcome, out);
  }

  #row(path: ZnodePath, zxid: Zxid): number {
    const row = this.#state.znodes.find(path);
    assert(row >= 0, `transaction ${formatZxid(zxid)} changes ${path}, which is not in the tree`);
    return row;
  }

  #warn(
    message: string,
    change: ChangeOf<'resumeSession'>,
    zxid: Zxid,
    out: DatabaseEffects,
  ): void {
    out.events.push({ level: 'warn', message, session: change.session, zxid });
  }
}
