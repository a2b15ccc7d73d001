import type { Limits, SessionReply } from '@paddock/model';
import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import { SessionFrontendCore, SessionFrontendEffects } from '../../src/index.ts';
import type { SessionFrontendEvent } from '../../src/index.ts';
import { LOST } from '../frontend-under-test.ts';
import { CheckingClient } from './checking-client.ts';
import { NaiveDatabase } from './naive-database.ts';
import { NaiveProcessor } from './naive-processor.ts';
import { Draws } from './random.ts';

export interface Faults {
  /** Percent of steps that break something. */
  readonly percent: number;
  readonly kinds: readonly ('client' | 'database' | 'processor' | 'term')[];
  readonly overload: number;
}

const CLIENTS = 3;

/** One front-end between random clients and naive neighbours, on virtual time. One seed is one run. */
export class PropertyRun {
  readonly clients: CheckingClient[] = [];
  readonly processor: NaiveProcessor;
  readonly database = new NaiveDatabase();
  readonly #core: SessionFrontendCore;
  readonly #out = new SessionFrontendEffects();
  readonly #draws: Draws;
  readonly #faults: Faults;
  readonly #byLink = new Map<number, CheckingClient>();
  readonly #toClients: { readonly link: number; readonly replies: SessionReply[] }[] = [];
  #nowMs = 0;
  #links = 0;
  #databaseLink = -1;
  #processorLink = -1;
  #mustDial = false;
  #appliedEntries = 0;

  constructor(seed: number, faults: Faults, limits: Partial<Limits> = {}) {
    this.#draws = new Draws(seed);
    this.#faults = faults;
    this.processor = new NaiveProcessor(this.#draws);
    this.processor.overload = faults.overload;
    const draws = this.#draws;
    this.#core = new SessionFrontendCore(
      { limits: { ...DEFAULT_LIMITS, unarySessions: 1, ...limits }, timing: DEFAULT_TIMING },
      {
        clock: { monotonicMs: () => this.#nowMs, wallMs: () => 0 },
        random: draws,
        secretHash: (secret) => secret,
      },
    );
    for (let i = 0; i < CLIENTS; i++) this.clients.push(new CheckingClient(`c${i}`, draws));
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      if (this.#draws.chance(this.#faults.percent)) this.#break();
      else this.#move(true);
    }
    this.processor.overload = 0;
    for (let i = 0; i < 20_000 && this.clients.some((it) => it.pending.length > 0); i++) {
      this.#move(false);
    }
  }

  #move(mayAsk: boolean): void {
    switch (this.#draws.below(8)) {
      case 0:
        this.#clientTurn(mayAsk);
        break;
      case 1:
        this.#applyTurn();
        break;
      case 2: {
        const batch = this.database.inbox.shift();
        if (batch !== undefined) this.database.receive(batch);
        break;
      }
      case 3:
        this.#databaseTurn();
        break;
      case 4: {
        const batch = this.processor.inbox.shift();
        if (batch !== undefined) this.processor.receive(batch);
        break;
      }
      case 5:
        this.#processorTurn();
        break;
      case 6:
        this.processor.commit(1 + this.#draws.below(3));
        break;
      case 7: {
        const to = this.#toClients.shift();
        const client = to === undefined ? undefined : this.#byLink.get(to.link);
        for (const reply of to?.replies ?? []) this.#tell(client, reply);
        this.#nowMs += 5;
        if (this.#draws.chance(30)) this.#step({ kind: 'tick' });
        if (this.#draws.chance(30)) this.database.refresh();
        break;
      }
    }
  }

  #tell(client: CheckingClient | undefined, reply: SessionReply): void {
    client?.received(reply, this.processor.lastCommitted);
    if (client !== undefined && reply.kind === 'ended') this.#hangUp(client);
  }

  #clientTurn(mayAsk: boolean): void {
    const client = this.clients[this.#draws.below(CLIENTS)];
    if (client === undefined) return;
    if (client.link < 0) {
      const link = ++this.#links;
      this.#byLink.set(link, client);
      this.#step({ kind: 'clientConnected', link });
      client.connected(link);
    } else if (mayAsk && client.isReady && client.pending.length < 60) {
      client.pipeline(this.processor.lastCommitted);
    }
    if (!this.#core.wantsClient(client.link)) return;
    const messages = client.outbox.splice(0);
    if (messages.length > 0) this.#step({ kind: 'clientReceived', link: client.link, messages });
  }

  #applyTurn(): void {
    const entry = this.processor.committed[this.#appliedEntries];
    if (entry === undefined) return;
    this.#appliedEntries++;
    this.database.apply(entry);
  }

  #databaseTurn(): void {
    if (this.#databaseLink < 0) {
      this.#databaseLink = ++this.#links;
      this.#step({ kind: 'databaseConnected', link: this.#databaseLink });
      return;
    }
    const count = 1 + this.#draws.below(this.database.replies.length + 1);
    const messages = this.database.replies.splice(0, count);
    if (messages.length === 0) return;
    this.#step({ kind: 'databaseReceived', link: this.#databaseLink, messages });
  }

  #processorTurn(): void {
    if (this.#mustDial) {
      this.#mustDial = false;
      this.#processorLink = ++this.#links;
      this.processor.isConnected = true;
      this.#step({ kind: 'processorConnected', link: this.#processorLink });
      return;
    }
    const messages = this.processor.replies.splice(0);
    if (messages.length === 0) return;
    this.#step({ kind: 'processorReceived', link: this.#processorLink, messages });
  }

  #break(): void {
    const kind = this.#faults.kinds[this.#draws.below(this.#faults.kinds.length)];
    switch (kind) {
      case 'client': {
        const client = this.clients[this.#draws.below(CLIENTS)];
        if (client === undefined || client.link < 0) break;
        const { link } = client;
        this.#hangUp(client);
        this.#step({ kind: 'clientEnded', link, end: LOST });
        break;
      }
      case 'database':
        if (this.#databaseLink >= 0) this.#breakDatabase();
        break;
      case 'processor':
        if (this.processor.isConnected) this.#breakProcessor();
        break;
      case 'term': {
        const wasConnected = this.processor.isConnected;
        this.processor.newTerm();
        if (wasConnected) this.#breakProcessor();
        break;
      }
      case undefined:
        break;
    }
  }

  #breakDatabase(): void {
    const link = this.#databaseLink;
    this.#databaseLink = -1;
    if (this.#draws.chance(50)) {
      this.#appliedEntries = this.#draws.below(this.#appliedEntries + 1);
      this.database.restart(this.processor.committed, this.#appliedEntries);
    } else {
      this.database.endStream();
    }
    for (const client of this.clients) client.mayReadLater = true;
    this.#step({ kind: 'databaseEnded', link, end: LOST });
  }

  #breakProcessor(): void {
    this.processor.disconnect();
    this.#step({ kind: 'processorEnded', link: this.#processorLink, end: LOST });
  }

  /** A client that is gone hears nothing more; one that was never told its session begins anew. */
  #hangUp(client: CheckingClient): void {
    this.#byLink.delete(client.link);
    client.link = -1;
    client.isReady = false;
  }

  #step(event: SessionFrontendEvent): void {
    const out = this.#out;
    this.#core.step(event, out);
    if (out.dialProcessor !== null || out.hangUpProcessor) this.processor.disconnect();
    if (out.dialProcessor !== null) this.#mustDial = true;
    out.database.drain((link, batch) => {
      if (link === this.#databaseLink) this.database.inbox.push(batch);
    });
    out.processor.drain((link, batch) => {
      if (link === this.#processorLink && this.processor.isConnected) {
        this.processor.inbox.push(batch);
      }
    });
    out.clients.drain((link, replies) => this.#toClients.push({ link, replies }));
    out.clear();
  }
}
