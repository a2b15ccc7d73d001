import type { Random } from '@paddock/ports';
import type { ClientOptions } from './client-options.ts';
import { ServerList } from './server-list.ts';

/** greeting: the opening or resume was sent. live: it was answered, requests may go. */
type Phase = 'none' | 'dialling' | 'greeting' | 'live';

/** A server that does not answer a greeting for this long is given up, unless the session's timeout says longer. */
const GREETING_MS_MIN = 1000;

/** After a connection that lived shorter than this the next server is not dialled at once, or both might end so. */
const SERVED_MS = 1000;

/** The one connection of a session, which comes and goes. All times are monotonic milliseconds. */
export class Connection {
  readonly #servers: ServerList;
  readonly #random: Random;
  #phase: Phase = 'none';
  #link = -1;
  #server = '';
  #lastFailure = '';
  #dialMs = -Infinity;
  #greetedMs = -Infinity;
  #receivedMs = -Infinity;
  #answeredMs = Infinity;
  #untilMs = Infinity;
  #heldUntilMs = -Infinity;

  constructor(options: ClientOptions, random: Random) {
    this.#servers = new ServerList(options.servers, options, random);
    this.#random = random;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The link in use; -1 without one. */
  get link(): number {
    return this.#link;
  }

  get server(): string {
    return this.#server;
  }

  /** When the greeting was sent. */
  get greetedMs(): number {
    return this.#greetedMs;
  }

  /** Nothing but heartbeats is sent before this. */
  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** When the next server is to be dialled; Infinity while there is a connection. */
  get dialMs(): number {
    return this.#phase === 'none' ? this.#dialMs : Infinity;
  }

  get lastFailure(): string {
    return this.#lastFailure;
  }

  /** When a silent server is given up, or one that was to be asked no longer than until then. */
  patienceMs(timeoutMs: number): number {
    if (this.#phase === 'greeting') {
      return this.#receivedMs + Math.max(GREETING_MS_MIN, timeoutMs / 3);
    }
    // The heartbeat sent a third of the timeout after the last word was not answered for another third.
    if (this.#phase !== 'live') return Infinity;
    return Math.min(this.#receivedMs + (timeoutMs * 2) / 3, this.#untilMs);
  }

  /** When something is to be done next: the server is given up, the next one dialled, or what is held is sent. */
  deadlineMs(nowMs: number, timeoutMs: number): number {
    const deadlineMs = Math.min(this.patienceMs(timeoutMs), this.dialMs);
    return this.#heldUntilMs > nowMs ? Math.min(deadlineMs, this.#heldUntilMs) : deadlineMs;
  }

  /** The server to dial now. */
  dial(): string {
    this.#phase = 'dialling';
    this.#server = this.#servers.next();
    return this.#server;
  }

  greeted(link: number, nowMs: number): void {
    this.#phase = 'greeting';
    this.#link = link;
    this.#greetedMs = nowMs;
    this.#receivedMs = nowMs;
  }

  /** `untilMs`: when another server is to be tried all the same. */
  answered(nowMs: number, untilMs = Infinity): void {
    this.#phase = 'live';
    this.#untilMs = untilMs;
    this.#answeredMs = nowMs;
    this.#servers.succeeded();
  }

  received(nowMs: number): void {
    this.#receivedMs = nowMs;
  }

  hold(untilMs: number): void {
    this.#heldUntilMs = untilMs;
  }

  /** The link is no longer ours; the next server is dialled, at once or after a delay well within the timeout. */
  broken(reason: string, nowMs: number, timeoutMs: number): void {
    this.#lastFailure = `${this.#server}: ${reason}`;
    if (nowMs - this.#answeredMs >= SERVED_MS) this.#servers.served();
    this.#dialMs = nowMs + this.#servers.delayMs(this.#random, timeoutMs / 4);
    this.#forget();
  }

  /** No connection will follow. */
  finished(): void {
    this.#dialMs = Infinity;
    this.#forget();
  }

  #forget(): void {
    this.#phase = 'none';
    this.#link = -1;
    this.#answeredMs = Infinity;
    this.#heldUntilMs = -Infinity;
  }
}
