import {
  assert,
  ephemeralCost,
  isNoQuota,
  isSequential,
  NO_SESSION,
  reapedAt,
  requestHash,
  sequentialPath,
} from '@paddock/model';
import type { Change, Limits, SessionId, WriteOperation, ZnodeEdit, Zxid } from '@paddock/model';
import { CLOSE_SESSION_BYTES } from '@paddock/codec';
import { deleteEphemerals } from './ephemeral-deletions.ts';
import type { OverlayZnode } from './overlay-znode.ts';
import type { ProcessorEffects } from './processor-effects.ts';
import type {
  QueuedClose,
  QueuedOpen,
  QueuedQuota,
  QueuedReap,
  QueuedRequest,
  QueuedResume,
  QueuedTransaction,
  QueuedVerdict,
  QueuedWrite,
} from './request-queue.ts';
import type { TermState } from './term-state.ts';
import { TransactionValidation } from './transaction-validation.ts';
import {
  failed,
  refusalByLimits,
  refusalByParent,
  refusalOfQuota,
  validateCreate,
  validateDelete,
  validateSetAcl,
  validateSetData,
} from './validation.ts';

/** A write of a session. */
type Sequenced = Pick<
  QueuedWrite | QueuedTransaction | QueuedQuota,
  'state' | 'sequence' | 'ackedThrough' | 'operation'
>;

/** How far ahead in the queue sequential names are foretold anew after one came out otherwise. */
const FORETOLD = 1024;

const CLOSE_HASH = requestHash({ kind: 'closeSession' });

/** Turns queued requests into transactions, strictly in their order, as far as what they need is known. */
export class Settlement {
  readonly #term: TermState;
  readonly #ephemeralBytes: number;

  constructor(term: TermState) {
    this.#term = term;
    this.#ephemeralBytes = ephemeralBound(term.limits);
  }

  run(out: ProcessorEffects): void {
    const { queue, lookUps, proposals } = this.#term;
    for (;;) {
      const head = queue.head;
      if (head === undefined || head.waitsFor > lookUps.answered || proposals.exhausted) return;
      if (!this.#settle(head, out)) return;
      queue.shift();
    }
  }

  /** A transaction of the ensemble's own. */
  propose(change: Change, out: ProcessorEffects): Zxid {
    return this.#propose(change, null, null, null, out);
  }

  #settle(request: QueuedRequest, out: ProcessorEffects): boolean {
    switch (request.kind) {
      case 'write':
        return this.#settleWrite(request, out);
      case 'transaction':
        return this.#settleTransaction(request, out);
      case 'quota':
        return this.#settleQuota(request, out);
      case 'close':
        this.#settleClose(request, out);
        return true;
      case 'open':
        this.#settleOpen(request, out);
        return true;
      case 'resume':
        this.#settleResume(request, out);
        return true;
      case 'verdict':
        this.#settleVerdict(request, out);
        return true;
      case 'reap':
        this.#settleReap(request, out);
        return true;
    }
  }

  #settleWrite(request: QueuedWrite, out: ProcessorEffects): boolean {
    const { operation, identities, znode, parent } = request;
    const { limits } = this.#term;
    switch (operation.kind) {
      case 'create':
        return this.#settleCreate(request, operation, out);
      case 'setData':
        assert(znode !== null, 'a set of data has its znode');
        this.#finish(request, validateSetData(operation, znode, identities, limits), out);
        return true;
      case 'setAcl':
        assert(znode !== null, 'a set of an ACL has its znode');
        this.#finish(request, validateSetAcl(operation, znode, identities), out);
        return true;
      case 'delete':
        assert(znode !== null && parent !== null, 'a delete has its znode and the parent');
        this.#finish(request, validateDelete(operation, znode, parent, identities), out);
        return true;
      case 'refused':
        this.#finish(request, { ...operation, kind: 'failed' }, out);
        return true;
      case 'closeSession':
        assert(false, 'a close is queued as such');
    }
  }

  #settleTransaction(request: QueuedTransaction, out: ProcessorEffects): boolean {
    const { state, operation, identities, needs } = request;
    const { overlay, proposals } = this.#term;
    const validation = new TransactionValidation(
      this.#term,
      state,
      identities,
      needs,
      this.#ephemeralBytes,
    );
    const change = validation.run(operation);
    if (change === null) {
      request.waitsFor = needs.lookUp;
      return false;
    }
    const { made, payload } = this.#sized(change, request);
    if (made.kind === 'failed') validation.trial.undo();
    const zxid = proposals.propose(payload, out.broadcaster);
    overlay.record(zxid, payload.length, null, null, validation.trial.keep());
    needs.release();
    return true;
  }

  /** What its subtree comes to is looked up in its turn, behind everything that was assigned before it. */
  #settleQuota(request: QueuedQuota, out: ProcessorEffects): boolean {
    const { overlay, lookUps, proposals, quotas, limits } = this.#term;
    const { operation } = request;
    const refusal = refusalOfQuota(request, quotas, limits);
    const use = quotas.find(operation.path) ?? request.use;
    if (refusal === null && !isNoQuota(operation.quota) && use === null) {
      request.waitsFor = lookUps.subtreeUse(request, proposals.lastAssigned);
      return false;
    }
    const { made, payload } = this.#sized(refusal ?? operation, request);
    const zxid = proposals.propose(payload, out.broadcaster);
    overlay.record(zxid, payload.length, null, null, null);
    if (made.kind === 'setQuota') {
      if (use === null || isNoQuota(made.quota)) quotas.remove(made.path);
      else quotas.set(made.path, made.quota, use.count, use.bytes);
    }
    overlay.unpin(request.above);
    overlay.unpin(request.znode);
    return true;
  }

  #settleCreate(
    request: QueuedWrite,
    operation: Extract<WriteOperation, { readonly kind: 'create' }>,
    out: ProcessorEffects,
  ): boolean {
    const { parent, state, identities } = request;
    assert(parent !== null, 'a create has its parent');
    let change: Change | null = refusalByParent(operation, parent, identities, this.#term.limits);
    if (change === null) {
      const znode = isSequential(operation.mode)
        ? this.#sequentialZnode(request, operation.path, parent)
        : request.znode;
      if (znode === null) return false;
      change = validateCreate(operation, znode, parent, state, identities, this.#ephemeralBytes);
    }
    parent.queuedCreates--;
    this.#finish(request, change, out);
    return true;
  }

  /**
   * The name is the parent's counter of this moment. Somebody may have created a znode of that very name, so it is
   * looked up as any other; usually it was foretold at arrival. If not, null: the queue waits for that look-up.
   */
  #sequentialZnode(
    request: QueuedWrite,
    prefix: Extract<WriteOperation, { readonly kind: 'create' }>['path'],
    parent: OverlayZnode,
  ): OverlayZnode | null {
    const path = sequentialPath(prefix, parent.creates);
    if (request.znode?.path !== path) this.#foretell(parent);
    const { znode } = request;
    assert(znode?.path === path, 'the first in the queue is foretold for certain');
    return znode.known ? znode : null;
  }

  /** Gives the queued sequential creates below `parent` the names that they have if all before them succeed. */
  #foretell(parent: OverlayZnode): void {
    const { queue, overlay, lookUps } = this.#term;
    let creates = parent.creates;
    for (let i = 0; i < FORETOLD; i++) {
      const request = queue.at(i);
      if (request === undefined) return;
      if (request.kind !== 'write' || request.parent !== parent) continue;
      const { operation } = request;
      if (operation.kind !== 'create') continue;
      const foretold = creates++;
      if (!isSequential(operation.mode)) continue;
      const path = sequentialPath(operation.path, foretold);
      if (request.znode?.path === path) continue;
      const before = request.znode;
      request.znode = overlay.pin(path);
      if (before !== null) overlay.unpin(before);
      request.waitsFor = Math.max(request.waitsFor, lookUps.znode(request.znode));
    }
  }

  #finish(request: QueuedWrite, change: Change, out: ProcessorEffects): void {
    const { overlay } = this.#term;
    const { znode, parent } = request;
    this.#propose(this.#withinLimits(change, znode, parent), request, znode, parent, out);
    if (znode !== null) overlay.unpin(znode);
    if (parent !== null) overlay.unpin(parent);
  }

  #withinLimits(change: Change, znode: OverlayZnode | null, parent: OverlayZnode | null): Change {
    if (znode === null || !isEdit(change)) return change;
    return refusalByLimits(change, znode, parent, this.#term) ?? change;
  }

  #propose(
    change: Change,
    write: QueuedWrite | null,
    znode: OverlayZnode | null,
    parent: OverlayZnode | null,
    out: ProcessorEffects,
  ): Zxid {
    const { made, payload } = this.#sized(change, write);
    const zxid = this.#term.proposals.propose(payload, out.broadcaster);
    this.#enterOverlay(made, zxid, payload.length, znode, parent);
    return zxid;
  }

  /** The size is known before a zxid is taken; a write that is too large has that as its outcome (H2, H6). */
  #sized(change: Change, write: Sequenced | null): { made: Change; payload: Uint8Array } {
    const { requestBytes } = this.#term.limits;
    const payload = this.#encode(change, write);
    const bytes = payload.length;
    if (write === null || bytes <= requestBytes) return { made: change, payload };
    const made = failed(
      'tooLarge',
      `the transaction has ${bytes} bytes, and at most ${requestBytes} are allowed`,
      { kind: 'requestBytes', path: '', limit: requestBytes, use: 0, more: bytes },
    );
    return { made, payload: this.#encode(made, write) };
  }

  #encode(change: Change, write: Sequenced | null): Uint8Array {
    const { proposals } = this.#term;
    if (write === null) return proposals.encode(NO_SESSION, 0, 0, 0, change);
    const { state, sequence, ackedThrough } = write;
    if (ackedThrough > state.ackProposed) state.ackProposed = ackedThrough;
    const hash = requestHash(write.operation);
    return proposals.encode(state.session, sequence, hash, ackedThrough, change);
  }

  #enterOverlay(
    change: Change,
    zxid: Zxid,
    bytes: number,
    znode: OverlayZnode | null,
    parent: OverlayZnode | null,
  ): void {
    const { overlay, proposals, quotas } = this.#term;
    const { time } = proposals;
    if (znode !== null && isEdit(change)) quotas.changed(change, znode);
    if (znode === null || change.kind === 'failed') {
      overlay.record(zxid, bytes, null, null, null);
    } else if (change.kind === 'setZnodeData') {
      znode.written(change.data, change.version, zxid, time);
      overlay.record(zxid, bytes, znode, null, null);
    } else if (change.kind === 'setZnodeAcl') {
      znode.aclSet(change.acl, change.version);
      overlay.record(zxid, bytes, znode, null, null);
    } else if (parent !== null && change.kind === 'createZnode') {
      this.#weigh(change.ephemeralOwner, ephemeralCost(change.path.length));
      overlay.created(znode, parent, change, zxid, time);
      overlay.record(zxid, bytes, znode, parent, null);
    } else if (parent !== null && change.kind === 'deleteZnode') {
      this.#weigh(znode.ephemeralOwner, -ephemeralCost(change.path.length));
      overlay.deleted(znode, parent);
      overlay.record(zxid, bytes, znode, parent, null);
    }
  }

  #weigh(owner: SessionId, bytes: number): void {
    if (owner === NO_SESSION) return;
    const state = this.#term.sessions.get(owner);
    if (state !== undefined) state.ephemeralBytes += bytes;
  }

  #settleOpen(request: QueuedOpen, out: ProcessorEffects): void {
    const { limits } = this.#term;
    const { state } = request;
    const change: Change = {
      kind: 'openSession',
      session: state.session,
      timeoutMs: state.timeoutMs,
      secretHash: state.secretHash,
      attachment: request.attachment,
      windowCount: Math.max(limits.windowCount, limits.outstandingPerSession),
      windowBytes: limits.windowBytes,
    };
    this.propose(change, out);
  }

  #settleResume(request: QueuedResume, out: ProcessorEffects): void {
    const { state, attachment, ackedThrough } = request;
    if (ackedThrough > state.ackProposed) state.ackProposed = ackedThrough;
    const { session } = state;
    this.propose({ kind: 'resumeSession', session, attachment, ackedThrough }, out);
  }

  #settleVerdict(request: QueuedVerdict, out: ProcessorEffects): void {
    const { frontend, session, attachment, code, reason } = request;
    if (!frontend.live) return;
    out.frontends.push(frontend.link, {
      kind: 'verdict',
      session,
      attachment,
      code,
      reason,
      basis: this.#term.proposals.lastAssigned,
      term: this.#term.term,
    });
  }

  /** Judged by what it will be: it may have been changed or have got a child since it was due. */
  #settleReap({ znode, parent }: QueuedReap, out: ProcessorEffects): void {
    const { overlay, proposals, reaping, timing } = this.#term;
    if (znode.exists && reapedAt(znode, timing.unusedContainerMs) <= proposals.time) {
      const parentCversion = parent.cversion + 1;
      const change: Change = { kind: 'deleteZnode', path: znode.path, parentCversion };
      this.#propose(change, null, znode, parent, out);
    }
    overlay.unpin(znode);
    overlay.unpin(parent);
    reaping.settled(znode);
  }

  #settleClose(request: QueuedClose, out: ProcessorEffects): void {
    const { overlay, proposals, sessions, tombstones } = this.#term;
    const { state, write } = request;
    const { session } = state;
    const changed: OverlayZnode[] = [];
    const znodes = deleteEphemerals(this.#term, request, changed);
    const change: Change = {
      kind: 'closeSession',
      session,
      end: write === null ? 'expired' : 'closed',
      znodes,
    };
    // Never refused for its size: what it lists was bounded when it was created (H6 c).
    const payload =
      write === null
        ? proposals.encode(NO_SESSION, 0, 0, 0, change)
        : proposals.encode(session, write.sequence, CLOSE_HASH, write.ackedThrough, change);
    const zxid = proposals.propose(payload, out.broadcaster);
    overlay.record(zxid, payload.length, null, null, changed);
    overlay.release();
    sessions.delete(session);
    tombstones.sessionEnded(zxid);
    if (write === null) {
      out.events.push({ level: 'info', message: 'session expired', zxid, session });
    }
  }
}

function isEdit(change: Change): change is ZnodeEdit {
  const { kind } = change;
  return kind === 'createZnode' || kind === 'setZnodeData' || kind === 'deleteZnode';
}

/** A configuration that leaves less room for a transaction bounds the ephemerals too. */
function ephemeralBound(limits: Limits): number {
  return Math.min(limits.ephemeralBytesPerSession, limits.requestBytes - CLOSE_SESSION_BYTES);
}
