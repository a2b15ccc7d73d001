import {
  aclBytes,
  isSequential,
  parentPath,
  sameAttachment,
  sequentialPath,
  transactionBytes,
} from '@paddock/model';
import type {
  Attachment,
  ErrorCode,
  ProcessorReply,
  ProcessorRequest,
  SessionId,
  TransactionOperation,
  WriteOperation,
} from '@paddock/model';
import type { Outbox } from '@paddock/ports';
import type { FrontendLink } from './frontend-link.ts';
import type { OverlayZnode } from './overlay-znode.ts';
import type { QueuedClose, QueuedWrite, SetQuota } from './request-queue.ts';
import { sameSecretHash } from './session-table.ts';
import type { SessionState } from './session-table.ts';
import type { TermState } from './term-state.ts';
import { TransactionNeeds } from './transaction-needs.ts';

type Write = Extract<ProcessorRequest, { readonly kind: 'write' }>;
type Open = Extract<ProcessorRequest, { readonly kind: 'openSession' }>;
type Resume = Extract<ProcessorRequest, { readonly kind: 'resumeSession' }>;
type Acknowledge = Extract<ProcessorRequest, { readonly kind: 'acknowledge' }>;

/** What a queued request weighs beside its data. */
const REQUEST_BYTES = 128;

const SECRET_HASH_MAX_BYTES = 64;

/**
 * The door: decides on arrival, by the session alone, whether a request gets a place in the order (H2, H3). What has
 * one is never refused any more, except by an outcome.
 */
export class Admission {
  readonly #term: TermState;
  #refusedLink: FrontendLink | null = null;
  #refusedSession: SessionId | null = null;
  #refusedAttachment: Attachment | null = null;

  constructor(term: TermState) {
    this.#term = term;
  }

  /** One verdict tells a front-end about a whole pipeline of the same connection. */
  startBatch(): void {
    this.#refusedLink = null;
    this.#refusedSession = null;
    this.#refusedAttachment = null;
  }

  write(frontend: FrontendLink, message: Write, out: Outbox<ProcessorReply>): void {
    const state = this.#attached(frontend, message.session, message.attachment);
    if (state === null) return;
    const expected = state.lastSequence + 1;
    if (message.sequence !== expected) {
      if (!(message.sequence < expected)) this.#expect(frontend, state, expected, out);
      return;
    }
    state.lastSequence = expected;
    const ackedThrough = Math.min(message.ackedThrough, expected - 1);
    if (ackedThrough > state.ackedThrough) state.ackedThrough = ackedThrough;
    if (message.operation.kind === 'closeSession') {
      this.#enqueueClose(state, { sequence: expected, ackedThrough: state.ackedThrough });
    } else if (message.operation.kind === 'transaction') {
      this.#enqueueTransaction(state, message, message.operation);
    } else if (message.operation.kind === 'setQuota') {
      this.#enqueueQuota(state, message, message.operation);
    } else {
      this.#enqueueWrite(state, message, message.operation);
    }
  }

  open(frontend: FrontendLink, message: Open): void {
    const { session, secretHash, attachment, timeoutMs } = message;
    const existing = this.#term.sessions.get(session);
    if (existing !== undefined) {
      if (!sameSecretHash(existing.secretHash, secretHash)) {
        this.#refuse(frontend, message, 'noAuth', 'the session belongs to another secret');
      } else if (!existing.closing) this.#term.expiry.renew(existing);
      return;
    }
    if (secretHash.length === 0 || secretHash.length > SECRET_HASH_MAX_BYTES) {
      const reason = `a secret's hash has 1 to ${SECRET_HASH_MAX_BYTES} bytes`;
      this.#refuse(frontend, message, 'badArguments', reason);
      return;
    }
    const { sessionTimeoutMinMs: low, sessionTimeoutMaxMs: high } = this.#term.timing;
    const state = this.#term.sessions.add({
      session,
      timeoutMs: timeoutMs > low ? Math.floor(Math.min(timeoutMs, high)) : low,
      secretHash: secretHash.slice(),
      attachment,
      lastSequence: 0,
      ephemeralBytes: 0,
    });
    this.#term.expiry.add(state);
    this.#term.queue.push({ kind: 'open', state, attachment, waitsFor: 0, bytes: REQUEST_BYTES });
  }

  resume(frontend: FrontendLink, message: Resume): void {
    const { attachment } = message;
    const state = this.#term.sessions.get(message.session);
    if (state === undefined || state.closing) {
      this.#refuse(frontend, message, 'unknownSession', 'the session has ended');
      return;
    }
    if (!sameSecretHash(state.secretHash, message.secretHash)) {
      this.#refuse(frontend, message, 'noAuth', 'the secret is not that of the session');
      return;
    }
    if (attachment.attempt < state.attachment.attempt) {
      this.#refuse(frontend, message, 'sessionMoved', 'a later connection has resumed the session');
      return;
    }
    this.#term.expiry.renew(state);
    // Sent again at a newer marker: it is installed, or in the queue (H3).
    if (sameAttachment(attachment, state.attachment)) return;
    state.attachment = attachment;
    state.expectLink = -1;
    const ackedThrough = Math.min(message.ackedThrough, state.lastSequence);
    if (ackedThrough > state.ackedThrough) state.ackedThrough = ackedThrough;
    this.#term.queue.push({
      kind: 'resume',
      state,
      attachment,
      ackedThrough: state.ackedThrough,
      waitsFor: 0,
      bytes: REQUEST_BYTES,
    });
  }

  touch(session: SessionId, attachment: Attachment): void {
    const state = this.#term.sessions.get(session);
    if (state === undefined || state.closing) return;
    if (sameAttachment(state.attachment, attachment)) this.#term.expiry.renew(state);
  }

  acknowledge(message: Acknowledge): void {
    const state = this.#term.sessions.get(message.session);
    if (state === undefined || state.closing) return;
    if (!sameAttachment(state.attachment, message.attachment)) return;
    this.#term.expiry.renew(state);
    this.#term.acknowledgements.note(state, message.through);
  }

  expire(state: SessionState): void {
    this.#enqueueClose(state, null);
  }

  #attached(
    frontend: FrontendLink,
    session: SessionId,
    attachment: Attachment,
  ): SessionState | null {
    const state = this.#term.sessions.get(session);
    if (state === undefined || state.closing) {
      this.#refuse(frontend, { session, attachment }, 'unknownSession', 'the session has ended');
      return null;
    }
    if (!sameAttachment(state.attachment, attachment)) {
      const reason = 'another connection has resumed the session';
      this.#refuse(frontend, { session, attachment }, 'sessionMoved', reason);
      return null;
    }
    this.#term.expiry.renew(state);
    return state;
  }

  #refuse(
    frontend: FrontendLink,
    of: { readonly session: SessionId; readonly attachment: Attachment },
    code: ErrorCode,
    reason: string,
  ): void {
    const again =
      this.#refusedLink === frontend &&
      this.#refusedSession === of.session &&
      this.#refusedAttachment !== null &&
      sameAttachment(this.#refusedAttachment, of.attachment);
    if (again) return;
    const { session, attachment } = of;
    this.#refusedLink = frontend;
    this.#refusedSession = session;
    this.#refusedAttachment = attachment;
    this.#term.queue.push({
      kind: 'verdict',
      frontend,
      session,
      attachment,
      code,
      reason,
      waitsFor: 0,
      bytes: REQUEST_BYTES,
    });
  }

  #expect(
    frontend: FrontendLink,
    state: SessionState,
    sequence: number,
    out: Outbox<ProcessorReply>,
  ): void {
    if (state.expectLink === frontend.link && state.expectSequence === sequence) return;
    state.expectLink = frontend.link;
    state.expectSequence = sequence;
    const { session, attachment } = state;
    out.push(frontend.link, { kind: 'expect', session, attachment, sequence, retryAfterMs: 0 });
  }

  /** "Closing" from here on, before anything is looked up: what is not accepted yet never is (H6). */
  #enqueueClose(state: SessionState, write: QueuedClose['write']): void {
    state.closing = true;
    const close: QueuedClose = {
      kind: 'close',
      state,
      write,
      ephemerals: null,
      waitsFor: 0,
      bytes: REQUEST_BYTES,
    };
    close.waitsFor = this.#term.lookUps.ephemerals(close);
    this.#term.queue.push(close);
  }

  #enqueueTransaction(
    state: SessionState,
    { sequence, identities }: Write,
    operation: TransactionOperation,
  ): void {
    const needs = new TransactionNeeds(this.#term.overlay, this.#term.lookUps);
    needs.foresee(operation);
    const bytes = REQUEST_BYTES + transactionBytes(operation);
    const { ackedThrough } = state;
    const waitsFor = needs.lookUp;
    this.#term.queue.push({
      ...{ kind: 'transaction', state, sequence, ackedThrough, operation, identities },
      ...{ needs, waitsFor, bytes },
    });
  }

  #enqueueQuota(state: SessionState, { sequence, identities }: Write, operation: SetQuota): void {
    const { overlay, queue } = this.#term;
    const znode = overlay.pin(operation.path);
    const above = overlay.pin(parentPath(operation.path));
    const { ackedThrough } = state;
    const waitsFor = Math.max(this.#lookUp(above), this.#lookUp(znode));
    queue.push({
      ...{ kind: 'quota', state, sequence, ackedThrough, operation, identities },
      ...{ znode, above, use: null, waitsFor, bytes: REQUEST_BYTES },
    });
  }

  #enqueueWrite(
    state: SessionState,
    { sequence, identities }: Write,
    operation: Exclude<WriteOperation, TransactionOperation | SetQuota>,
  ): void {
    let znode: OverlayZnode | null = null;
    let parent: OverlayZnode | null = null;
    let bytes = REQUEST_BYTES;
    switch (operation.kind) {
      case 'create':
        bytes += operation.data.length + aclBytes(operation.acl);
        parent = this.#term.overlay.pin(parentPath(operation.path));
        if (!isSequential(operation.mode)) znode = this.#term.overlay.pin(operation.path);
        else if (parent.known && parent.exists) {
          const creates = parent.creates + parent.queuedCreates;
          znode = this.#term.overlay.pin(sequentialPath(operation.path, creates));
        }
        parent.queuedCreates++;
        break;
      case 'setData':
        bytes += operation.data.length;
        znode = this.#term.overlay.pin(operation.path);
        break;
      case 'setAcl':
        bytes += aclBytes(operation.acl);
        znode = this.#term.overlay.pin(operation.path);
        break;
      case 'delete':
        parent = this.#term.overlay.pin(parentPath(operation.path));
        znode = this.#term.overlay.pin(operation.path);
        break;
      case 'refused':
      case 'closeSession':
        break;
    }
    const request: QueuedWrite = {
      kind: 'write',
      state,
      sequence,
      ackedThrough: state.ackedThrough,
      operation,
      identities,
      znode,
      parent,
      waitsFor: Math.max(this.#lookUp(parent), this.#lookUp(znode)),
      bytes,
    };
    this.#term.queue.push(request);
  }

  #lookUp(znode: OverlayZnode | null): number {
    return znode === null ? 0 : this.#term.lookUps.znode(znode);
  }
}
