// The floor of the processor time: a grpc-js server with the same contract that decodes with the same
// generated code, answers from a Map and encodes. No order, no log, no watches, one process.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { paddock, SessionService } from '@paddock/contracts';

const { SessionRequest, SessionResponse } = paddock.client.v1;

type Request = paddock.client.v1.SessionRequest.$Shape;
type Response = paddock.client.v1.SessionResponse.$Properties;
type Message = paddock.client.v1.ServerMessage.$Properties;
type Operation = paddock.client.v1.Operation.$Shape;
type Result = paddock.client.v1.Result.$Properties;
type Stat = paddock.client.v1.Stat.$Properties;

interface Znode {
  data: Uint8Array;
  readonly stat: Stat & { version: number };
}

const NO_NODE = paddock.client.v1.ErrorCode.ERROR_CODE_NO_NODE;
const UNIMPLEMENTED = paddock.client.v1.ErrorCode.ERROR_CODE_UNIMPLEMENTED;
const EPOCH = 1;

const znodes = new Map<string, Znode>();
let counter = 0;

function failed(code: paddock.client.v1.ErrorCode): Result {
  return { zxidEpoch: EPOCH, zxidCounter: counter, failed: { code } };
}

function create(operation: paddock.client.v1.Create.$Shape): Result {
  const path = operation.path ?? '';
  // A view would keep the whole message in memory.
  const data = new Uint8Array(operation.data ?? []);
  counter++;
  const now = Date.now();
  const stat = {
    czxidEpoch: EPOCH,
    czxidCounter: counter,
    mzxidEpoch: EPOCH,
    mzxidCounter: counter,
    pzxidEpoch: EPOCH,
    pzxidCounter: counter,
    ctimeMs: now,
    mtimeMs: now,
    version: 0,
    dataLength: data.length,
  };
  znodes.set(path, { data, stat });
  return { zxidEpoch: EPOCH, zxidCounter: counter, create: { path, stat } };
}

function setData(operation: paddock.client.v1.SetData.$Shape): Result {
  const znode = znodes.get(operation.path ?? '');
  if (znode === undefined) return failed(NO_NODE);
  znode.data = new Uint8Array(operation.data ?? []);
  const { stat } = znode;
  stat.version++;
  stat.mzxidCounter = ++counter;
  stat.mtimeMs = Date.now();
  stat.dataLength = znode.data.length;
  return { zxidEpoch: EPOCH, zxidCounter: counter, setData: { stat } };
}

function getData(operation: paddock.client.v1.Read.$Shape): Result {
  const znode = znodes.get(operation.path ?? '');
  if (znode === undefined) return failed(NO_NODE);
  const { data, stat } = znode;
  return { zxidEpoch: EPOCH, zxidCounter: counter, getData: { data, stat } };
}

function resultOf(operation: Operation): Result {
  switch (operation.kind) {
    case 'getData':
      return getData(operation.getData);
    case 'setData':
      return setData(operation.setData);
    case 'create':
      return create(operation.create);
    default:
      return failed(UNIMPLEMENTED);
  }
}

function answer(request: Request): Response {
  const messages: Message[] = [];
  for (const message of request.messages ?? []) {
    if (message.kind === 'operations') {
      const results: Result[] = [];
      for (const operation of message.operations.operations ?? []) {
        results.push(resultOf(operation));
      }
      messages.push({ results: { results } });
    } else if (message.kind === 'open') {
      messages.push({ opened: { session: 1, timeoutMs: message.open.timeoutMs ?? 0 } });
    } else if (message.kind === 'heartbeat') {
      messages.push({ heartbeat: { acknowledged: message.heartbeat.number ?? 0 } });
    }
  }
  return { messages };
}

/** In Node the generated code writes into Buffers. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
}

const server = new Server({ 'grpc.max_receive_message_length': 8 * 1024 * 1024 });
server.addService(
  {
    session: {
      path: SessionService.session.path,
      requestStream: true,
      responseStream: true,
      requestSerialize: (request: paddock.client.v1.SessionRequest.$Properties) =>
        bufferOf(SessionRequest.encode(request).finish()),
      requestDeserialize: (bytes: Buffer) => SessionRequest.decode(bytes),
      responseSerialize: (response: Response) =>
        bufferOf(SessionResponse.encode(response).finish()),
      responseDeserialize: (bytes: Buffer) => SessionResponse.decode(bytes),
    },
  },
  {
    session(call: ServerDuplexStream<Request, Response>) {
      call.on('error', () => undefined);
      call.on('data', (request: Request) => call.write(answer(request)));
      call.on('end', () => call.end());
    },
  },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.({ address: `127.0.0.1:${port}` });
});
// An exit in good order, so that a profile is written.
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
