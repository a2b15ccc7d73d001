import { SessionService } from '@paddock/contracts';
import type { paddock } from '@paddock/contracts';
import type { BidiStream, RawGrpc } from './raw-grpc.ts';

type Request = paddock.client.v1.SessionRequest.$Properties;
type Response = paddock.client.v1.SessionResponse;
type ClientMessage = paddock.client.v1.ClientMessage.$Properties;
type Operation = paddock.client.v1.Operation.$Properties;
type ServerMessage = paddock.client.v1.ServerMessage.$Properties;
type Result = paddock.client.v1.Result.$Properties;

/** One stream of the session service, as a client without any library has it. */
export class RawSession {
  readonly stream: BidiStream<Request, Response>;
  #nextSequence = 1;

  constructor(grpc: RawGrpc) {
    this.stream = grpc.bidi(SessionService.session);
  }

  send(...messages: ClientMessage[]): void {
    this.stream.send({ messages });
  }

  /** Opens a session and waits for it. */
  async open(timeoutMs = 10_000): Promise<paddock.client.v1.Opened.$Properties> {
    this.send({ open: { timeoutMs } });
    return this.first('the session is opened', ({ opened }) => opened);
  }

  /** Operations with the sequences that are due. */
  operate(...operations: Operation[]): void {
    this.send({ operations: { firstSequence: this.#nextSequence, operations } });
    this.#nextSequence += operations.filter(isWrite).length;
  }

  /** Everything received so far. */
  get messages(): readonly ServerMessage[] {
    return this.stream.received.flatMap(({ messages }) => messages);
  }

  get results(): readonly Result[] {
    return this.messages.flatMap(({ results }) => results?.results ?? []);
  }

  /** The result of the `index`th operation, from 0 on. */
  async result(index: number): Promise<Result> {
    return this.stream.next(`result ${index}`, () => this.results[index]);
  }

  async first<T>(
    what: string,
    select: (message: ServerMessage) => T | null | undefined,
  ): Promise<T> {
    return this.stream.next(what, () => {
      for (const message of this.messages) {
        const selected = select(message);
        if (selected !== null && selected !== undefined) return selected;
      }
      return undefined;
    });
  }
}

function isWrite({ create, setData, delete: remove, closeSession }: Operation): boolean {
  return [create, setData, remove, closeSession].some((it) => it !== undefined && it !== null);
}
