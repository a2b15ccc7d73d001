// Neighbours that a test plays: they speak a boundary's contract over real gRPC links on loopback.
import type { Server } from '@grpc/grpc-js';
import { createGrpcServer, GrpcLinkDialer, listen, serveLink } from '@paddock/link-grpc';
import type { Boundary } from '@paddock/link-grpc';
import { DEFAULT_LIMITS } from '@paddock/model';
import type { Link, LinkEnd } from '@paddock/ports';

const limits = DEFAULT_LIMITS;
/** Generous: the machine may be busy. A condition that holds is noticed within a few milliseconds. */
const PATIENCE_MS = 15_000;

/** Waits until the condition holds; says what was waited for if it never does. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** One link to the stage, with everything that the stage has said on it. */
export class Conversation<Send, Heard> {
  readonly heard: Heard[] = [];
  end: LinkEnd | null = null;
  link: Link<Send> | null = null;
  #taken = 0;

  readonly handlers = {
    received: (batch: readonly Heard[]): void => void this.heard.push(...batch),
    drained: (): void => undefined,
    ended: (end: LinkEnd): void => {
      this.end = end;
    },
  };

  say(batch: Send): void {
    this.link?.send(batch);
  }

  /** The next message that fits, of those that were not taken yet; what came before it is passed over. */
  async next<Wanted extends Heard>(
    what: string,
    fits: (message: Heard) => message is Wanted,
  ): Promise<Wanted> {
    let found: Wanted | undefined;
    await until(what, () => {
      for (; found === undefined && this.#taken < this.heard.length; this.#taken++) {
        const message = this.heard[this.#taken];
        if (message !== undefined && fits(message)) found = message;
      }
      return found !== undefined;
    });
    if (found === undefined) throw new Error(what);
    return found;
  }

  async ended(): Promise<LinkEnd> {
    await until('the end of the link', () => this.end !== null);
    return this.end ?? { cause: 'lost', reason: '' };
  }

  hangUp(): void {
    this.link?.close({ cause: 'closed', reason: 'the neighbour goes' });
  }
}

/** True for messages of this kind; of several in a boundary's union, narrows to it. */
export function ofKind<Kind extends string>(kind: Kind) {
  return <Message extends { readonly kind: string }>(
    message: Message,
  ): message is Extract<Message, { readonly kind: Kind }> => message.kind === kind;
}

/** A neighbour that the stage dials: a gRPC server of its own. */
export class ServingNeighbour<Up, Down, Heard> {
  readonly conversations: Conversation<Down, Heard>[] = [];
  readonly #boundary: Boundary<Up, Down>;
  readonly #messages: (batch: Up) => readonly Heard[];
  #server: Server | null = null;
  #address = '127.0.0.1:0';

  /** `messages`: those of a batch, where that is more than a list. */
  constructor(boundary: Boundary<Up, Down>, messages: (batch: Up) => readonly Heard[]) {
    this.#boundary = boundary;
    this.#messages = messages;
  }

  get address(): string {
    return this.#address;
  }

  /** Also again, where it was before. */
  async start(): Promise<void> {
    const server = createGrpcServer({
      messageBytes: limits.linkMessageBytes,
      concurrentStreams: 100,
    });
    serveLink(
      server,
      this.#boundary,
      (link) => {
        const conversation = new Conversation<Down, Heard>();
        conversation.link = link;
        this.conversations.push(conversation);
        const { handlers } = conversation;
        return { ...handlers, received: (batch) => handlers.received(this.#messages(batch)) };
      },
      limits,
    );
    const port = await listen(server, this.#address);
    this.#address = `127.0.0.1:${port}`;
    this.#server = server;
  }

  /** As a crash would: connections break. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = null;
  }

  /** The conversation of this number, from 1 on, once the stage has begun it. */
  async conversation(number: number): Promise<Conversation<Down, Heard>> {
    await until(`link ${number} of the stage`, () => this.conversations.length >= number);
    const conversation = this.conversations[number - 1];
    if (conversation === undefined) throw new Error('there is none');
    return conversation;
  }
}

/** Neighbours that dial the stage. */
export class DiallingNeighbours {
  readonly #dialers: { close(): void }[] = [];

  dial<Up, Down, Heard>(
    boundary: Boundary<Up, Down>,
    address: string,
    messages: (batch: Down) => readonly Heard[],
  ): Conversation<Up, Heard> {
    const dialer = new GrpcLinkDialer(boundary, { limits });
    this.#dialers.push(dialer);
    const conversation = new Conversation<Up, Heard>();
    const { handlers } = conversation;
    conversation.link = dialer.dial(address, {
      ...handlers,
      received: (batch) => handlers.received(messages(batch)),
    });
    return conversation;
  }

  close(): void {
    for (const dialer of this.#dialers) dialer.close();
  }
}

export function listed<Message>(batch: readonly Message[]): readonly Message[] {
  return batch;
}
