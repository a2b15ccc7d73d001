// Adding the typed services of @paddock/contracts to a grpc-js server.
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  Server,
  ServiceDefinition,
} from '@grpc/grpc-js';
import type { Method, MethodKind } from '@paddock/contracts';
import { ZXID_ZERO } from '@paddock/model';
import type { ErrorCode, Failed } from '@paddock/model';
import { toBuffer } from './buffer.ts';
import { errorStatus } from './error-status.ts';

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

function definitionOf(method: AnyMethod, requestBytes: number): MethodDefinition<never, never> {
  return {
    path: method.path,
    requestStream: method.kind === 'bidi',
    responseStream: method.kind !== 'unary',
    requestSerialize: (message) => toBuffer(method.request.encode(message).finish()),
    requestDeserialize: (bytes) => decodeRequest(method, bytes, requestBytes),
    responseSerialize: (message) => toBuffer(method.response.encode(message).finish()),
    responseDeserialize: (bytes) => untyped(method.response.decode(bytes)),
  };
}

/** What HandlersOf has typed already. */
function untyped(message: unknown): never {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see above
  return message as never;
}

/** Stands for a request that is not handled. */
class BadRequest {
  readonly failed: Pick<Failed, 'code' | 'reason'>;

  constructor(code: ErrorCode, reason: string) {
    this.failed = { code, reason };
  }
}

/** Bytes that are no message are the caller's fault, which grpc-js would call INTERNAL whatever is thrown here. */
function decodeRequest(method: AnyMethod, bytes: Buffer, requestBytes: number): never {
  if (method.kind !== 'bidi' && bytes.length > requestBytes) {
    const reason = `the request has ${bytes.length} bytes; at most ${requestBytes} go`;
    return untyped(new BadRequest('tooLarge', reason));
  }
  try {
    return untyped(method.request.decode(bytes));
  } catch (error) {
    if (method.kind === 'bidi') throw error;
    const reason = `the request of ${method.path} cannot be decoded`;
    return untyped(new BadRequest('marshallingError', reason));
  }
}

/** Any handler of one request, when its types have been checked elsewhere. */
type AnyHandler = (
  call: { readonly request?: unknown; emit(event: 'error', status: object): unknown },
  answer?: (status: object) => void,
) => void;

function refusingBad(method: AnyMethod, handler: AnyHandler): AnyHandler {
  if (method.kind === 'bidi') return handler;
  return (call, answer) => {
    if (!(call.request instanceof BadRequest)) {
      handler(call, answer);
      return;
    }
    const { failed } = call.request;
    const refusal = errorStatus({ failed, path: '', zxid: ZXID_ZERO });
    if (answer === undefined) call.emit('error', refusal);
    else answer(refusal);
  };
}

/** A request of more than `requestBytes` is refused; what a stream takes is bounded by its link. */
export function addTypedService<Service extends Readonly<Record<string, AnyMethod>>>(
  server: Server,
  service: Service,
  handlers: HandlersOf<Service>,
  requestBytes = Infinity,
): void {
  // grpc-js types what it takes by an index signature of any; the mapped type above has checked it.
  /* eslint-disable @typescript-eslint/no-unsafe-type-assertion */
  const given = handlers as unknown as Readonly<Record<string, AnyHandler>>;
  const definition: Record<string, MethodDefinition<never, never>> = {};
  const implementation: Record<string, AnyHandler> = {};
  for (const [name, method] of Object.entries(service)) {
    definition[name] = definitionOf(method, requestBytes);
    const handler = given[name];
    if (handler !== undefined) implementation[name] = refusingBad(method, handler);
  }
  server.addService(definition as unknown as ServiceDefinition, implementation);
  /* eslint-enable @typescript-eslint/no-unsafe-type-assertion */
}
