/** The part of a generated message class that a method needs: it reads and writes one message. */
export interface Codec<In, Out extends In = In> {
  encode(message: In): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Out;
}

/** How many messages go each way: one and one, one and many, many and many. */
export type MethodKind = 'unary' | 'serverStream' | 'bidi';

/**
 * One rpc of a service, with the types of what travels. Knows nothing of what carries it: grpc-js takes its path and
 * its codecs.
 */
export interface Method<
  Kind extends MethodKind,
  RequestIn,
  Request extends RequestIn,
  ResponseIn,
  Response extends ResponseIn,
> {
  readonly kind: Kind;
  /** "/package.Service/Rpc", the HTTP path of the call. */
  readonly path: string;
  readonly request: Codec<RequestIn, Request>;
  readonly response: Codec<ResponseIn, Response>;
}

export function unary<QI, Q extends QI, RI, R extends RI>(
  path: string,
  request: Codec<QI, Q>,
  response: Codec<RI, R>,
): Method<'unary', QI, Q, RI, R> {
  return { kind: 'unary', path, request, response };
}

export function serverStream<QI, Q extends QI, RI, R extends RI>(
  path: string,
  request: Codec<QI, Q>,
  response: Codec<RI, R>,
): Method<'serverStream', QI, Q, RI, R> {
  return { kind: 'serverStream', path, request, response };
}

export function bidi<QI, Q extends QI, RI, R extends RI>(
  path: string,
  request: Codec<QI, Q>,
  response: Codec<RI, R>,
): Method<'bidi', QI, Q, RI, R> {
  return { kind: 'bidi', path, request, response };
}
