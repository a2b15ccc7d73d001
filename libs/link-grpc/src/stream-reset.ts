import { constants } from 'node:http2';

/**
 * Resets the HTTP/2 stream under a call, which grpc-js offers no way to do: its calls end by a status, and a status
 * waits for a reader. Where a later grpc-js names these fields differently the stream stays until its connection goes;
 * a test notices.
 */
export function resetStream(call: object): void {
  const stream = field(field(call, 'call'), 'stream');
  const close = field(stream, 'close');
  if (typeof close === 'function') {
    Reflect.apply(close, stream, [constants.NGHTTP2_ENHANCE_YOUR_CALM]);
  }
}

function field(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined;
}
