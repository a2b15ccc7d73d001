// Adding the typed services of @paddock/contracts to a grpc-js server.
import {
  status,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  type Server,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import type { Method, MethodKind } from '@paddock/contracts';

/** What handles a method: a function of grpc-js with the method's own types. */
export type HandlerOf<M> =
  M extends Method<'unary', infer _QI, infer Q, infer RI, infer _R>
    ? handleUnaryCall<Q, RI>
    : M extends Method<'serverStream', infer _QI, infer Q, infer RI, infer _R>
      ? handleServerStreamingCall<Q, RI>
      : M extends Method<'bidi', infer _QI, infer Q, infer RI, infer _R>
        ? handleBidiStreamingCall<Q, RI>
        : never;

export type HandlersOf<Service> = { readonly [Name in keyof Service]: HandlerOf<Service[Name]> };

/** Any method, when its types have been checked elsewhere. */
interface AnyMethod {
  readonly kind: MethodKind;
  readonly path: string;
  readonly request: AnyCodec;
  readonly response: AnyCodec;
}

interface AnyCodec {
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

/** A generated class writes with Node's Buffer, as grpc-js wants it. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function identity(bytes: Buffer): Buffer {
  return bytes;
}

function definitionOf(method: AnyMethod): MethodDefinition<never, never> {
  return {
    path: method.path,
    requestStream: method.kind === 'bidi',
    responseStream: method.kind !== 'unary',
    requestSerialize: (message) => toBuffer(method.request.encode(message).finish()),
    requestDeserialize: (bytes) => decodeRequest(method, bytes),
    responseSerialize: (message) => toBuffer(method.response.encode(message).finish()),
    responseDeserialize: (bytes) => untyped(method.response.decode(bytes)),
  };
}

/** What HandlersOf has typed already. */
function untyped(message: unknown): never {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see above
  return message as never;
}

/** Bytes that are no message are the caller's fault, which grpc-js would call INTERNAL. */
function decodeRequest(method: AnyMethod, bytes: Buffer): never {
  try {
    return untyped(method.request.decode(bytes));
  } catch {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- grpc-js answers with it
    throw { code: status.INVALID_ARGUMENT, details: `malformed request of ${method.path}` };
  }
}

export function addTypedService<Service extends Readonly<Record<string, AnyMethod>>>(
  server: Server,
  service: Service,
  handlers: HandlersOf<Service>,
): void {
  const definition: Record<string, MethodDefinition<never, never>> = {};
  for (const [name, method] of Object.entries(service)) definition[name] = definitionOf(method);
  // grpc-js types what it takes by an index signature of any; the mapped type above has checked it.
  /* eslint-disable @typescript-eslint/no-unsafe-type-assertion */
  server.addService(definition as unknown as ServiceDefinition, handlers);
  /* eslint-enable @typescript-eslint/no-unsafe-type-assertion */
}
