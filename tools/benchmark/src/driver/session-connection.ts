// One session over one stream, as lean as grpc-js lets it be: no client library, no promise for an
// operation, no decoding of results.
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { paddock, SessionService } from '@paddock/contracts';
import { BenchmarkError } from '../benchmark-error.ts';
import { encodeMessage, operationsFrame, ResultCount } from './session-frames.ts';

const TIMEOUT_MS = 30_000;
const HEARTBEAT_MS = 1000;
const WINDOW_BYTES = 4 * 1024 * 1024;
/** Operations under way, at most: a power of two above what a session may have. */
const RING = 4096;

const { SessionResponse } = paddock.client.v1;

/** Who sends the operations, and is told of the answers. */
export interface ConnectionUser {
  answered(nowMs: number, failed: number): void;
  took(sentMs: number, nowMs: number, isWrite: boolean): void;
  /** The results of one message have been told. */
  idle(): void;
  failed(error: BenchmarkError): void;
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

export class SessionConnection {
  readonly #client: Client;
  readonly #stream: ClientDuplexStream<Buffer, Buffer>;
  readonly #count = new ResultCount();
  readonly #sentMs = new Float64Array(RING);
  readonly #isWrite = new Uint8Array(RING);
  readonly #heartbeat: NodeJS.Timeout;
  readonly #opened: () => void;
  #user: ConnectionUser;
  #sent = 0;
  #answered = 0;
  #nextSequence = 1;
  #writesAnswered = 0;
  #heartbeats = 0;
  #isClosed = false;

  private constructor(address: string, user: ConnectionUser, opened: () => void) {
    this.#user = user;
    this.#opened = opened;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc-node.flow_control_window': WINDOW_BYTES,
      'grpc.max_receive_message_length': WINDOW_BYTES,
      'grpc.enable_retries': 0,
      'grpc.per_rpc_retry_buffer_size': 0,
      'grpc.retry_buffer_size': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
    });
    const { path } = SessionService.session;
    this.#stream = this.#client.makeBidiStreamRequest(path, identity, identity, new Metadata());
    this.#stream.on('error', (error) => this.#fail(error.message));
    this.#stream.on('end', () => this.#fail('the server has ended the stream'));
    this.#stream.on('data', (bytes: Buffer) => this.#received(bytes));
    this.#stream.write(encodeMessage({ open: { timeoutMs: TIMEOUT_MS } }));
    this.#heartbeat = setInterval(() => {
      this.#stream.write(encodeMessage({ heartbeat: { number: ++this.#heartbeats } }));
    }, HEARTBEAT_MS);
  }

  static open(address: string): Promise<SessionConnection> {
    return new Promise((resolve, reject) => {
      const waiting: ConnectionUser = {
        answered: () => undefined,
        took: () => undefined,
        idle: () => undefined,
        failed: reject,
      };
      const connection: SessionConnection = new SessionConnection(address, waiting, () =>
        resolve(connection),
      );
    });
  }

  get outstanding(): number {
    return this.#sent - this.#answered;
  }

  /** From here on this user sends. */
  handTo(user: ConnectionUser): void {
    this.#user = user;
  }

  /** Says beforehand when the next operation was due, and whether it is a write. */
  note(sentMs: number, isWrite: boolean): void {
    const slot = this.#sent++ & (RING - 1);
    this.#sentMs[slot] = sentMs;
    this.#isWrite[slot] = isWrite ? 1 : 0;
  }

  /** Sends operations that have been noted; calls back when they have left. */
  send(operations: readonly Uint8Array[], writes: number, left: () => void): void {
    const frame = operationsFrame(operations, this.#nextSequence, this.#writesAnswered);
    this.#nextSequence += writes;
    this.#stream.write(frame, left);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    this.#stream.cancel();
    this.#client.close();
  }

  #received(bytes: Buffer): void {
    const count = this.#count;
    count.read(bytes);
    if (count.results > 0) {
      const nowMs = performance.now();
      this.#user.answered(nowMs, count.failed);
      for (let i = 0; i < count.results; i++) {
        const slot = this.#answered++ & (RING - 1);
        const isWrite = this.#isWrite[slot] === 1;
        if (isWrite) this.#writesAnswered++;
        this.#user.took(this.#sentMs[slot] ?? nowMs, nowMs, isWrite);
      }
      this.#user.idle();
    }
    if (count.hasOther) this.#receivedOther(bytes);
  }

  #receivedOther(bytes: Buffer): void {
    for (const message of SessionResponse.decode(bytes).messages) {
      switch (message.kind) {
        case 'opened':
          this.#opened();
          break;
        case 'ended':
          this.#fail(`the session was ended: ${message.ended.reason ?? ''}`);
          break;
        case 'expect':
          this.#fail('the server did not accept a write');
          break;
        default:
          break;
      }
    }
  }

  #fail(reason: string): void {
    if (!this.#isClosed) this.#user.failed(new BenchmarkError(reason));
  }
}
