import type {
  Attachment,
  DatabaseRequest,
  Identities,
  SessionId,
  WatchKind,
  WatchRegistration,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { FrontendStream } from './frontend-stream.ts';

export type ReadRequest = Extract<DatabaseRequest, { readonly kind: 'read' }>;
export type AttachRequest = Extract<DatabaseRequest, { readonly kind: 'attach' }>;

/** What an attach and a watch of it take that wait, besides the path, about. */
const ATTACH_BYTES = 256;
const WATCH_BYTES = 64;

export interface NumberedRead {
  readonly number: number;
  readonly request: ReadRequest;
}

/** An attach whose floor is not applied yet, or whose watches have not all come; the session's reads wait behind. */
export class PendingAttach {
  readonly kind = 'attach';
  readonly stream: FrontendStream;
  readonly session: SessionId;
  readonly attachment: Attachment;
  readonly floor: Zxid;
  readonly firstUnsettled: number;
  readonly identities: Identities;
  /** Undefined: the session is a global one. */
  readonly localTimeoutMs: number | undefined;
  readonly watches: WatchRegistration[] = [];
  readonly reads: NumberedRead[] = [];
  readBytes = 0;
  isComplete = false;
  deadlineMs = Infinity;
  /** True while it is in the queue of those that wait for a floor, with its place among equals. */
  isWaiting = false;
  arrival = 0;
  isCancelled = false;
  #bytes = 0;

  /** Enters itself among those of the stream. */
  constructor(stream: FrontendStream, request: AttachRequest) {
    this.stream = stream;
    this.session = request.session;
    this.attachment = request.attachment;
    this.floor = request.floor;
    this.firstUnsettled = request.firstUnsettled;
    this.identities = request.identities;
    this.localTimeoutMs = request.localTimeoutMs;
    stream.pending.set(this.session, this);
    this.#count(ATTACH_BYTES);
  }

  add(request: AttachRequest): void {
    for (const watch of request.watches) {
      this.watches.push(watch);
      this.#count(WATCH_BYTES + watch.path.length);
    }
    this.isComplete = !request.more;
  }

  /** A watch that is not wanted any more before it was set. */
  unwatch(path: ZnodePath, kind: WatchKind): void {
    const at = this.watches.findIndex((it) => it.path === path && it.kind === kind);
    if (at < 0) return;
    this.watches.splice(at, 1);
    this.#count(-WATCH_BYTES - path.length);
  }

  /** Leaves them again; its reads are counted until somebody takes them on or forgets them. */
  remove(): void {
    this.stream.pending.delete(this.session);
    this.stream.waitingBytes -= this.#bytes;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.stream.waitingBytes += bytes;
  }
}
