// The end of a link in the terms of gRPC. An end in good order is the status OK, since grpc-js drops
// messages that wait behind an error; its cause travels in the trailers.
import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { LinkEnd } from '@paddock/ports';

const CAUSE = 'paddock-link-end';
const REASON = 'paddock-link-end-reason';
/** Trailers are small by contract. */
const REASON_LENGTH_MAX = 512;

const STATUS_OF_CAUSE: Readonly<Record<LinkEnd['cause'], status>> = {
  closed: status.OK,
  lost: status.UNAVAILABLE,
  refused: status.INVALID_ARGUMENT,
  tooSlow: status.RESOURCE_EXHAUSTED,
  tooLarge: status.RESOURCE_EXHAUSTED,
};

export function statusOf(end: LinkEnd): status {
  return STATUS_OF_CAUSE[end.cause];
}

export function trailersOf(end: LinkEnd): Metadata {
  const trailers = new Metadata();
  trailers.set(CAUSE, end.cause);
  if (end.reason !== '') {
    trailers.set(REASON, encodeURIComponent(end.reason.slice(0, REASON_LENGTH_MAX)));
  }
  return trailers;
}

/** What a client makes of the status that its stream ended with. */
export function linkEndOf(ended: StatusObject): LinkEnd {
  const cause = causeIn(ended.metadata) ?? causeOf(ended.code);
  const reason = reasonIn(ended.metadata) ?? (ended.code === status.OK ? '' : plain(ended.details));
  return { cause, reason };
}

/** What the system says, without what grpc-js puts around it. */
function plain(details: string): string {
  return (
    /Last error: (?:(?:Error|TlsFailure): )?(.+?)\. Resolution note:/.exec(details)?.[1] ?? details
  );
}

function causeIn(trailers: Metadata): LinkEnd['cause'] | undefined {
  const text = trailers.get(CAUSE)[0];
  switch (text) {
    case 'closed':
    case 'lost':
    case 'refused':
    case 'tooSlow':
    case 'tooLarge':
      return text;
    default:
      return undefined;
  }
}

function reasonIn(trailers: Metadata): string | undefined {
  const text = trailers.get(REASON)[0];
  if (typeof text !== 'string') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function causeOf(code: status): LinkEnd['cause'] {
  switch (code) {
    case status.OK:
      return 'closed';
    case status.INVALID_ARGUMENT:
    case status.FAILED_PRECONDITION:
    case status.UNIMPLEMENTED:
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return 'refused';
    // Without trailers: the stream was reset by a server that had waited too long for its reader.
    case status.RESOURCE_EXHAUSTED:
      return 'tooSlow';
    default:
      return 'lost';
  }
}
