import { constants } from 'node:http2';

/**
 * Resets the HTTP/2 stream under a call, which grpc-js offers no way to do: its calls end by a status, and a status
 * waits for a reader. Where a later grpc-js names these fields differently the stream stays until its connection goes;
 * a test notices.
 */
export function resetStream(call: object): void {
  const stream = streamOf(call);
  const close = field(stream, 'close');
  if (typeof close === 'function') {
    Reflect.apply(close, stream, [constants.NGHTTP2_ENHANCE_YOUR_CALM]);
  }
}

/** Calls back when the HTTP/2 stream under a call has closed: all that was written has left, or never will. */
export function whenStreamCloses(call: object, closed: () => void): void {
  const stream = streamOf(call);
  const once = field(stream, 'once');
  if (typeof once !== 'function' || field(stream, 'closed') === true) setImmediate(closed);
  else Reflect.apply(once, stream, ['close', closed]);
}

function streamOf(call: object): unknown {
  return field(field(call, 'call'), 'stream');
}

function field(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined;
}
