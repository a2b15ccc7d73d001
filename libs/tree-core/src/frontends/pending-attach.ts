import type { Attachment, DatabaseRequest, SessionId, WatchRegistration, Zxid } from '@paddock/model';
import type { FrontendStream } from './frontend-stream.ts';

export type ReadRequest = Extract<DatabaseRequest, { readonly kind: 'read' }>;
export type AttachRequest = Extract<DatabaseRequest, { readonly kind: 'attach' }>;

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
  readonly watches: WatchRegistration[] = [];
  readonly reads: NumberedRead[] = [];
  isComplete = false;
  deadlineMs = Infinity;
  /** True while it is in the queue of those that wait for a floor, with its place among equals. */
  isWaiting = false;
  arrival = 0;
  isCancelled = false;

  constructor(stream: FrontendStream, request: AttachRequest) {
    this.stream = stream;
    this.session = request.session;
    this.attachment = request.attachment;
    this.floor = request.floor;
    this.firstUnsettled = request.firstUnsettled;
  }

  add(request: AttachRequest): void {
    for (const watch of request.watches) this.watches.push(watch);
    this.isComplete = !request.more;
  }
}
