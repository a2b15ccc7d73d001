import { makeSessionId, makeZxid } from '@paddock/model';
import type { ClientOperation, SessionReply, SessionRequest, Zxid } from '@paddock/model';
import type { Clock, LinkEnd, Random } from '@paddock/ports';
import { ClientCore } from '../src/client-core.ts';
import { ClientEffects } from '../src/client-effects.ts';
import type { Delivery } from '../src/client-effects.ts';
import { DEFAULT_CLIENT_OPTIONS } from '../src/client-options.ts';
import type { ClientOptions } from '../src/client-options.ts';
import type { ClientEvent } from '../src/client-event.ts';

export const SESSION = makeSessionId(77);
export const SECRET = new Uint8Array([1, 2, 3]);
export const LOST: LinkEnd = { cause: 'lost', reason: 'connection reset' };

export function zxid(counter: number): Zxid {
  return makeZxid(1, counter);
}

export class VirtualClock implements Clock {
  nowMs = 0;
  monotonicMs(): number {
    return this.nowMs;
  }
  wallMs(): number {
    return this.nowMs;
  }
}

/** Draws that repeat: a small linear congruence. */
export class SeededRandom implements Random {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761 + 12_345) % 2 ** 31;
  }
  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((this.#state / 2 ** 31) * bound);
  }
  safeInteger(): number {
    return 1 + this.below(2 ** 30);
  }
  bytes(length: number): Uint8Array {
    return new Uint8Array(length);
  }
}

/** A ClientCore, its effects carried out by hand: the test is the server. */
export class ScriptedClient {
  readonly clock = new VirtualClock();
  readonly core: ClientCore<string>;
  readonly effects = new ClientEffects<string>();
  /** Everything delivered, as one line each. */
  readonly log: string[] = [];
  readonly deliveries: Delivery<string>[] = [];
  readonly dials: string[] = [];
  readonly hangUps: number[] = [];
  /** Requests since they were last taken. */
  #requests: SessionRequest[] = [];
  link = 0;

  constructor(options: Partial<ClientOptions> = {}, seed = 1) {
    this.core = new ClientCore<string>(
      { ...DEFAULT_CLIENT_OPTIONS, servers: ['a:1'], ...options },
      { clock: this.clock, random: new SeededRandom(seed) },
    );
    this.step({ kind: 'tick' });
  }

  step(event: ClientEvent<string>): void {
    this.core.step(event, this.effects);
    const dial = this.effects.dial;
    this.effects.requests.drain((link, batch) => {
      if (link === this.link) this.#requests.push(...batch);
    });
    this.hangUps.push(...this.effects.hangUps);
    for (const delivery of this.effects.deliveries) {
      this.deliveries.push(delivery);
      this.log.push(describeDelivery(delivery));
    }
    this.effects.clear();
    if (dial === null) return;
    this.dials.push(dial);
    this.link++;
    this.step({ kind: 'connected', link: this.link });
  }

  /** What was sent on the newest link since the last call. */
  sent(): SessionRequest[] {
    const requests = this.#requests;
    this.#requests = [];
    return requests;
  }

  /** The operations sent since the last call, in short. */
  sentOperations(): string[] {
    return this.sent().flatMap((it) => (it.kind === 'operations' ? it.operations.map(short) : []));
  }

  reply(...replies: SessionReply[]): void {
    this.step({ kind: 'received', link: this.link, replies });
  }

  breakLink(end: LinkEnd = LOST): void {
    this.step({ kind: 'ended', link: this.link, end });
  }

  /** Lets time pass up to the next dial, through each deadline on the way. */
  redial(): void {
    const { link } = this;
    for (let i = 0; i < 10 && this.link === link; i++) {
      this.clock.nowMs = Math.max(this.clock.nowMs, this.effects.deadlineMs);
      this.step({ kind: 'tick' });
    }
  }

  advance(ms: number): void {
    const end = this.clock.nowMs + ms;
    while (this.effects.deadlineMs <= end) {
      this.clock.nowMs = Math.max(this.clock.nowMs, this.effects.deadlineMs);
      this.step({ kind: 'tick' });
    }
    this.clock.nowMs = end;
    this.step({ kind: 'tick' });
  }

  open(timeoutMs = 9000): this {
    this.reply(opened(timeoutMs));
    this.sent();
    this.log.length = 0;
    return this;
  }

  submit(...operations: ClientOperation[]): void {
    const submissions = operations.map((operation) => {
      return { tag: short(operation), operation, revocable: true };
    });
    this.step({ kind: 'submit', submissions });
  }
}

export function set(path: string): ClientOperation {
  return { kind: 'setData', path, data: new Uint8Array(2), version: -1 };
}

export function get(path: string, watch = false): ClientOperation {
  return { kind: 'getData', path, watch, atLeast: zxid(0) };
}

export function exists(path: string, watch = false): ClientOperation {
  return { kind: 'exists', path, watch, atLeast: zxid(0) };
}

export function short(operation: ClientOperation): string {
  return 'path' in operation ? `${operation.kind} ${operation.path}` : operation.kind;
}

export function describeDelivery(delivery: Delivery<string>): string {
  switch (delivery.kind) {
    case 'settled': {
      const { result } = delivery;
      return `${delivery.tag}: ${result.kind === 'failed' ? result.code : result.kind}`;
    }
    case 'watchFired':
      return `${delivery.tag} fires ${delivery.event.kind}`;
    case 'givenUp':
      return `${delivery.tag} is given up ${delivery.wasSent ? 'sent' : 'unsent'}`;
    case 'stateChanged':
      return delivery.state;
  }
}

/** The answer to the first greeting of a client. */
export function opened(timeoutMs = 9000): SessionReply {
  return { kind: 'opened', session: SESSION, secret: SECRET, timeoutMs, zxid: zxid(1) };
}
