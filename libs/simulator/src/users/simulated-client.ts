import { ClientCore, ClientEffects } from '@paddock/client-core';
import type { ClientEvent, Delivery } from '@paddock/client-core';
import { ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, SessionId, SessionReply, SessionRequest } from '@paddock/model';
import type { CancelTimer, Link, LinkDialer } from '@paddock/ports';
import { describe } from '../record/describe.ts';
import { isWrite } from '../record/history.ts';
import type { OperationRecord, SessionRecord } from '../record/history.ts';
import { OUTSIDE } from '../kernel/network-conditions.ts';
import type { Place } from '../kernel/network-conditions.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { SimulatedNetwork } from '../kernel/simulated-network.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';
import { clientSettings } from './client-settings.ts';
import type { Persona } from './identities.ts';
import type { World } from '../world.ts';

type ClientNetwork = SimulatedNetwork<SessionRequest[], SessionReply[]>;

export interface SimulatedClientOptions {
  readonly name: string;
  readonly sessionTimeoutMs: number;
  readonly pipelineOperations: number;
  readonly persona: Persona;
  readonly readOnly: boolean;
  readonly local: boolean;
  /** Front-ends, by address, and the replica that each belongs to. */
  readonly servers: ReadonlyMap<string, Place>;
}

/** One session of one client, with the rules that are shipped; it records what it asks and what it is told. */
export class SimulatedClient {
  readonly record: SessionRecord;
  readonly #world: World;
  readonly #process: VirtualProcess;
  readonly #network: ClientNetwork;
  readonly #core: ClientCore<OperationRecord>;
  readonly #dialer: LinkDialer<SessionRequest[], SessionReply[]>;
  readonly #effects = new ClientEffects<OperationRecord>();
  readonly #links = new Map<number, Link<SessionRequest[]>>();
  readonly #servers: ReadonlyMap<string, Place>;
  readonly #inbox: ClientEvent<OperationRecord>[] = [];
  readonly #settled: (operation: OperationRecord) => void;
  readonly #impatience: SeededRandom;
  readonly #isImpatient: boolean;
  #waiting: OperationRecord[] = [];
  #lastLink = 0;
  #lastSequence = 0;
  #isClosing = false;
  #isStepping = false;
  #timer: CancelTimer = () => undefined;

  constructor(
    options: SimulatedClientOptions,
    dependencies: { readonly world: World; readonly network: ClientNetwork },
    settled: (operation: OperationRecord) => void,
  ) {
    const { world, network } = dependencies;
    const { sessions } = world.history;
    this.#world = world;
    this.#network = network;
    this.#settled = settled;
    const name = `${options.name} session ${sessions.length + 1}`;
    this.#servers = options.servers;
    this.#process = world.process(name, OUTSIDE, (error) =>
      world.violated(`${name} threw ${error instanceof Error ? (error.stack ?? '') : ''}`),
    );
    this.#dialer = network.dialer(this.#process);
    this.#impatience = world.random.fork(`impatience of ${name}`);
    this.#isImpatient = this.#impatience.chance(0.3);
    this.record = {
      client: options.name,
      number: sessions.length + 1,
      id: null,
      timeoutMs: options.sessionTimeoutMs,
      pipelineOperations: options.pipelineOperations,
      identities: options.persona.identities,
      acceptsReadOnly: options.readOnly,
      localIds: [],
      operations: [],
      deliveries: [],
      greetings: [],
      connections: [],
      absences: [],
    };
    sessions.push(this.record);
    this.#core = new ClientCore<OperationRecord>(
      {
        ...clientSettings(world.settings),
        servers: [...options.servers.keys()],
        sessionTimeoutMs: options.sessionTimeoutMs,
        pipelineOperations: options.pipelineOperations,
        readOnly: options.readOnly,
        local: options.local,
        credentials: options.persona.credentials,
      },
      { clock: this.#process.clock, random: world.random.fork(`back-off of ${name}`) },
    );
  }

  get isOver(): boolean {
    return (
      !this.#process.isAlive || this.#core.state === 'closed' || this.#core.state === 'expired'
    );
  }

  get isConnected(): boolean {
    return this.#process.isAlive && this.#core.state === 'connected';
  }

  get pending(): number {
    return this.#core.pending;
  }

  /** For whoever asks why it does not get on. */
  get condition(): string {
    const { state, lastFailure, pending } = this.#core;
    return `${this.#process.name} is ${state} with ${pending} pending (${lastFailure})`;
  }

  start(): void {
    this.#process.run(() => this.#step({ kind: 'tick' }));
  }

  submit(operations: readonly ClientOperation[]): OperationRecord[] {
    const submitted = operations.map((operation) => this.#recordOf(operation));
    this.#waiting.push(...submitted);
    this.#process.run(() => this.#submitWaiting());
    return submitted;
  }

  /** Stands still: nothing is sent, nothing is heard. */
  pause(durationMs: number): void {
    const from = this.#world.time.nowMs;
    this.#world.trace.tell(this.#process.name, `stands still for ${durationMs} ms`);
    this.record.absences.push({ from, to: from + durationMs });
    this.#process.pause(durationMs);
  }

  /** Dies without a word: its session is left to expire. */
  vanish(): void {
    if (!this.#process.isAlive) return;
    this.#world.trace.tell(this.#process.name, 'vanishes');
    this.#disconnected();
    this.record.absences.push({ from: this.#world.time.nowMs, to: Infinity });
    this.#process.kill();
    this.#network.processDied(this.#process);
  }

  /** Its connections break; it does not know why. */
  cut(): void {
    this.#network.processDied(this.#process);
  }

  /** In order, also of what was submitted while the process stood still. */
  #submitWaiting(): void {
    const submitted = this.#waiting;
    this.#waiting = [];
    if (submitted.length === 0) return;
    const submissions = submitted.map((tag) => {
      const { operation } = tag;
      return { tag, operation, revocable: operation.kind !== 'closeSession' };
    });
    this.#step({ kind: 'submit', submissions });
    for (const { tag, revocable } of submissions) if (revocable) this.#mayGiveUp(tag);
  }

  /** Some of those who have no patience ask in vain, and some of what they ask is done all the same. */
  #mayGiveUp(tag: OperationRecord): void {
    if (!this.#isImpatient || !this.#impatience.chance(0.2)) return;
    const delayMs = this.#impatience.between(0, this.#impatience.chance(0.5) ? 20 : 1000);
    this.#process.timers.after(delayMs, () => this.#step({ kind: 'giveUp', tag }));
  }

  #recordOf(operation: ClientOperation): OperationRecord {
    const takes = isWrite(operation) && !this.isOver && !this.#isClosing;
    if (operation.kind === 'closeSession') this.#isClosing = true;
    const record: OperationRecord = {
      session: this.record,
      index: this.record.operations.length,
      operation,
      sequence: takes ? ++this.#lastSequence : 0,
      submitted: this.#world.history.moment(),
      settlement: null,
    };
    this.record.operations.push(record);
    this.#tell(`asks #${record.index}`, operation);
    return record;
  }

  #step(event: ClientEvent<OperationRecord>): void {
    this.#inbox.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      this.#core.step(next, this.#effects);
      this.#carryOut();
    }
    this.#isStepping = false;
    this.#arm();
  }

  #carryOut(): void {
    const effects = this.#effects;
    if (effects.dial !== null) this.#dial(effects.dial);
    effects.requests.drain((link, batch) => this.#links.get(link)?.send(batch));
    for (const number of effects.hangUps) {
      this.#links.get(number)?.close({ cause: 'closed', reason: 'the client is done with it' });
      this.#links.delete(number);
      this.#disconnected();
    }
    for (const event of effects.events) this.#world.reported(this.#process.name, event);
    for (const delivery of effects.deliveries) this.#deliver(delivery);
    effects.clear();
  }

  #dial(address: string): void {
    const number = ++this.#lastLink;
    this.#step({ kind: 'connected', link: number });
    const link = this.#dialer.dial(address, {
      received: (replies) => {
        this.#note(replies, this.#servers.get(address) ?? OUTSIDE);
        this.#step({ kind: 'received', link: number, replies });
      },
      drained: () => undefined,
      ended: (end) => {
        this.#links.delete(number);
        this.#disconnected();
        this.#step({ kind: 'ended', link: number, end });
      },
    });
    this.#links.set(number, link);
  }

  #note(replies: readonly SessionReply[], replica: Place): void {
    const { history, time } = this.#world;
    for (const reply of replies) {
      if (reply.kind === 'opened') this.#isOpened(reply.session, reply.isLocal === true);
      if (reply.kind === 'upgraded') this.#world.count('upgraded');
      if (reply.kind === 'ended' && reply.cause === 'resumeElsewhere') this.#isSentAway();
      if (reply.kind === 'readOnly') this.#isReadOnly();
      if (reply.kind !== 'opened' && (reply.kind !== 'resumed' || reply.more)) continue;
      this.record.timeoutMs = reply.timeoutMs;
      this.record.greetings.push(history.moment());
      this.record.connections.push({ replica, from: time.nowMs, to: Infinity });
      this.#world.count(reply.kind);
    }
  }

  #isOpened(session: SessionId, isLocal: boolean): void {
    this.record.id = session;
    if (!isLocal) return;
    this.record.localIds.push(session);
    this.#world.count('opened locally');
  }

  /** Who knows of no other front-end can show no life as long as this one's replica does not serve. */
  #isSentAway(): void {
    const { nowMs } = this.#world.time;
    if (this.#servers.size === 1) this.record.absences.push({ from: nowMs, to: nowMs });
  }

  /** Nothing of its life reaches a leader from here. */
  #isReadOnly(): void {
    const { nowMs } = this.#world.time;
    this.record.absences.push({ from: nowMs, to: nowMs });
    this.#world.count('readOnly');
  }

  #disconnected(): void {
    const connection = this.record.connections.at(-1);
    if (connection?.to === Infinity) connection.to = this.#world.time.nowMs;
  }

  #deliver(delivery: Delivery<OperationRecord>): void {
    const at = this.#world.history.moment();
    const { deliveries } = this.record;
    switch (delivery.kind) {
      case 'settled': {
        const { tag: operation, zxid, result, readOnly } = delivery;
        if (operation.settlement !== null) this.#world.violated('an operation is settled twice');
        operation.settlement = { at, zxid, result };
        if (readOnly) operation.readOnly = true;
        if (result.kind === 'failed' && result.code === 'notReadOnly') this.#unnumber(operation);
        deliveries.push({ kind: 'settled', operation, at });
        this.#tell(`is answered #${operation.index}`, { zxid, ...result });
        this.#world.count(result.kind === 'failed' ? `failed: ${result.code}` : result.kind);
        this.#settled(operation);
        break;
      }
      case 'watchFired': {
        const { tag: operation, event } = delivery;
        deliveries.push({ kind: 'event', operation, event, at });
        this.#tell(`is told for #${operation.index}`, event);
        this.#world.count(`event: ${event.kind}`);
        break;
      }
      case 'givenUp': {
        const { tag: operation, wasSent } = delivery;
        this.#world.count(wasSent ? 'given up: sent' : 'given up: unsent');
        this.#tell(`has given up #${operation.index}`, { wasSent });
        if (wasSent) break;
        const result = { kind: 'failed', code: 'operationTimeout', reason: 'given up' } as const;
        operation.settlement = { at, zxid: ZXID_ZERO, result };
        operation.withdrawn = true;
        this.#unnumber(operation);
        break;
      }
      case 'stateChanged':
        deliveries.push({ kind: 'state', state: delivery.state, end: delivery.end ?? null, at });
        this.#tell(`is ${delivery.state}`, delivery.reason);
        this.#world.count(`client: ${delivery.state}`);
        if (delivery.end === 'restored') this.#world.count('client: restored');
        break;
    }
  }

  /** A write that was refused before it was sent has used up no sequence. */
  #unnumber(refused: OperationRecord): void {
    if (refused.sequence === 0) return;
    refused.sequence = 0;
    this.#lastSequence--;
    for (const later of this.record.operations.slice(refused.index + 1)) {
      if (later.sequence > 0) later.sequence--;
    }
  }

  #arm(): void {
    this.#timer();
    const { deadlineMs } = this.#effects;
    if (deadlineMs === Infinity) return;
    const delayMs = deadlineMs - this.#process.clock.monotonicMs();
    this.#timer = this.#process.timers.after(delayMs, () => this.#step({ kind: 'tick' }));
  }

  #tell(what: string, more: unknown): void {
    const { trace } = this.#world;
    if (trace.isRead) trace.tell(this.#process.name, `${what} ${describe(more)}`);
  }
}
