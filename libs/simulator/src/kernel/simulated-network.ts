import { memoryLinkPair } from '@paddock/link-memory';
import type { BoundaryEstimates, MemoryLinkLimits, MemoryLinkPair } from '@paddock/link-memory';
import type { Link, LinkAcceptor, LinkDialer, LinkEnd, LinkHandlers } from '@paddock/ports';
import { describe } from '../record/describe.ts';
import { LinkOrder } from './link-order.ts';
import type { LinkOrderDependencies } from './link-order.ts';
import { NetworkConditions } from './network-conditions.ts';
import type { Place } from './network-conditions.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Trace } from './trace.ts';
import type { VirtualProcess } from './virtual-process.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface NetworkDependencies {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly limits: MemoryLinkLimits;
  readonly delayMs: number;
  /** Between machines, whatever the boundary. */
  readonly conditions: NetworkConditions;
}

/** Sees what is sent on one link, in the order of sending; may put something else in its place. */
export interface LinkObserver<Up, Down> {
  readonly up?: (batch: Up) => Up;
  readonly down?: (batch: Down, acceptor: VirtualProcess) => Down;
}

interface Listener<Up, Down> {
  readonly process: VirtualProcess;
  readonly accept: LinkAcceptor<Down, Up>;
}

interface Connection<Up, Down> {
  readonly pair: MemoryLinkPair<Up, Down>;
  readonly order: LinkOrder;
  readonly dialler: VirtualProcess;
  readonly observer: LinkObserver<Up, Down>;
  acceptor: VirtualProcess | null;
}

/** Chosen by where the ends of a link are; a link that has not arrived anywhere has no second end. */
export type LinkChoice = (dialler: Place, acceptor: Place | null) => boolean;

/** A broken connection is noticed at once, or by a time-out. */
const NOTICE_MS = 3;
const LATE_NOTICE_CHANCE = 0.15;
const LATE_NOTICE_MS = 1500;
/** One of the ends of a silent link gives it up, as keep-alives do. */
const GIVEN_UP_CHANCE = 0.4;

/**
 * All links of one boundary between simulated processes. Each end of each link is delivered to in order, and at its own
 * pace: what is sent on one link says nothing of when another delivers.
 */
export class SimulatedNetwork<Up, Down> {
  readonly #name: string;
  readonly #dependencies: NetworkDependencies;
  readonly #estimates: BoundaryEstimates<Up, Down>;
  readonly #observe: (dialler: VirtualProcess) => LinkObserver<Up, Down>;
  readonly #listeners = new Map<string, Listener<Up, Down>>();
  readonly #own: NetworkConditions;
  readonly #orders: LinkOrderDependencies;
  readonly #connections = new Set<Connection<Up, Down>>();

  constructor(
    name: string,
    estimates: BoundaryEstimates<Up, Down>,
    dependencies: NetworkDependencies,
    observe: (dialler: VirtualProcess) => LinkObserver<Up, Down> = () => ({}),
  ) {
    const { time, random, delayMs, conditions } = dependencies;
    this.#name = name;
    this.#dependencies = dependencies;
    this.#estimates = estimates;
    this.#observe = observe;
    this.#own = new NetworkConditions(time);
    this.#orders = { time, random, delayMs, conditions: [conditions, this.#own] };
  }

  /** The process takes whoever dials the address, until another process listens there. */
  listen(address: string, process: VirtualProcess, accept: LinkAcceptor<Down, Up>): void {
    this.#listeners.set(address, { process, accept });
  }

  /** How this process reaches the boundary's acceptors. */
  dialer(process: VirtualProcess): LinkDialer<Up, Down> {
    return { dial: (address, handlers) => this.#dial(process, address, handlers) };
  }

  /** Breaks the boundary's links between the two places; for `durationMs` none comes about. */
  cut(one: Place, other: Place, durationMs: number): void {
    this.#own.cut(one, other, durationMs);
    this.breakLinks((a, b) => (a === one && b === other) || (a === other && b === one));
  }

  /** Nothing that is sent this way over the boundary is delivered for so long, and nothing is lost. */
  silence(from: Place, to: Place, durationMs: number): void {
    this.#own.silence(from, to, durationMs);
  }

  heal(): void {
    this.#own.heal();
  }

  breakLinks(chosen: LinkChoice): void {
    for (const connection of this.#take(chosen)) this.#break(connection, 'the link broke');
  }

  /** Some of these links, silent now, are given up by one of their ends; the other hears nothing of it yet. */
  giveUpSome(chosen: LinkChoice): void {
    const { random, time } = this.#dependencies;
    for (const { pair, dialler, acceptor } of this.#connections) {
      if (!chosen(dialler.place, acceptor?.place ?? null) || !random.chance(GIVEN_UP_CHANCE)) {
        continue;
      }
      const end: LinkEnd = { cause: 'lost', reason: 'keep-alives are not answered' };
      const byDialler = random.chance(0.5);
      time.after(random.real() * 2 * LATE_NOTICE_MS, () => {
        if (byDialler) pair.dialler.close(end);
        else pair.acceptor.close(end);
      });
    }
  }

  /** The process is dead: its connections break, and sooner or later the other ends notice. */
  processDied(process: VirtualProcess): void {
    for (const connection of this.#connections) {
      if (connection.dialler !== process && connection.acceptor !== process) continue;
      this.#connections.delete(connection);
      this.#break(connection, `${process.name} died`);
    }
  }

  #take(chosen: LinkChoice): Connection<Up, Down>[] {
    const taken: Connection<Up, Down>[] = [];
    for (const connection of this.#connections) {
      if (chosen(connection.dialler.place, connection.acceptor?.place ?? null)) {
        taken.push(connection);
      }
    }
    for (const connection of taken) this.#connections.delete(connection);
    return taken;
  }

  #dial(process: VirtualProcess, address: string, handlers: LinkHandlers<Down>): Link<Up> {
    const { limits, time, trace } = this.#dependencies;
    const order = new LinkOrder(process, this.#orders);
    const pair = memoryLinkPair<Up, Down>({ turn: order, limits, ...this.#estimates });
    order.join(pair.dialler, pair.acceptor);
    const observer = this.#observe(process);
    const connection: Connection<Up, Down> = {
      pair,
      order,
      observer,
      dialler: process,
      acceptor: null,
    };
    this.#connections.add(connection);
    pair.dialler.attach(this.#guard(connection, process, '↓', handlers));
    if (trace.isRead) trace.detail(this.#name, `${process.name} dials ${address}`);
    time.after(order.drawDelayMs(), () => this.#arrive(connection, address));
    return this.#sender(pair.dialler, process, observer.up);
  }

  #arrive(connection: Connection<Up, Down>, address: string): void {
    if (!this.#connections.has(connection)) return;
    const { conditions, random, time } = this.#dependencies;
    const listener = this.#listeners.get(address);
    const from = connection.dialler.place;
    const to = listener?.process.place ?? from;
    const isCut = conditions.isCut(from, to) || this.#own.isCut(from, to);
    if (listener?.process.isAlive !== true || isCut) {
      this.#refuse(connection, address);
      return;
    }
    const silentUntilMs = this.#silentUntilMs(from, to);
    if (silentUntilMs > time.nowMs) {
      if (random.chance(0.5)) this.#refuse(connection, address);
      else time.after(silentUntilMs - time.nowMs, () => this.#arrive(connection, address));
      return;
    }
    const { pair, order, observer } = connection;
    const { process, accept } = listener;
    connection.acceptor = process;
    order.accepted(process);
    const { down } = observer;
    const observe = down === undefined ? undefined : (batch: Down) => down(batch, process);
    process.run(() => {
      const handlers = accept(this.#sender(pair.acceptor, process, observe));
      pair.acceptor.attach(this.#guard(connection, process, '↑', handlers));
    });
  }

  #refuse(connection: Connection<Up, Down>, address: string): void {
    this.#connections.delete(connection);
    this.#break(connection, `nobody answers at ${address}`);
  }

  /** A handshake needs both ways. */
  #silentUntilMs(from: Place, to: Place): number {
    const { conditions } = this.#dependencies;
    const ways = [conditions, this.#own].flatMap((it) => [
      it.silentUntilMs(from, to),
      it.silentUntilMs(to, from),
    ]);
    return Math.max(...ways);
  }

  #break({ pair, dialler, acceptor }: Connection<Up, Down>, reason: string): void {
    const { time, trace } = this.#dependencies;
    const end: LinkEnd = { cause: 'lost', reason };
    if (trace.isRead) {
      trace.detail(
        this.#name,
        `breaks: ${dialler.name} and ${acceptor?.name ?? 'nobody'}: ${reason}`,
      );
    }
    const to = acceptor?.place ?? dialler.place;
    time.after(this.#noticeMs(to, dialler.place), () => pair.dialler.end(end));
    time.after(this.#noticeMs(dialler.place, to), () => pair.acceptor.end(end));
  }

  /** How long it takes until one end hears of what the other end did, or of what is in between. */
  #noticeMs(from: Place, to: Place): number {
    const { random, time } = this.#dependencies;
    const noticeMs =
      random.real() * (random.chance(LATE_NOTICE_CHANCE) ? LATE_NOTICE_MS : NOTICE_MS);
    const silentMs = this.#silentUntilMs(from, to) - time.nowMs;
    return silentMs > 0 && random.chance(0.5) ? noticeMs + silentMs : noticeMs;
  }

  /** What reaches a process waits while it is paused, and ends with it. */
  #guard<Receive>(
    connection: Connection<Up, Down>,
    process: VirtualProcess,
    direction: string,
    handlers: LinkHandlers<Receive>,
  ): LinkHandlers<Receive> {
    const { trace } = this.#dependencies;
    return {
      received: (batch) => {
        if (trace.isRead) {
          trace.detail(this.#name, `${direction} ${process.name}: ${describe(batch)}`);
        }
        handlers.received(batch);
      },
      drained: () => process.run(() => handlers.drained()),
      ended: (end) => {
        this.#connections.delete(connection);
        process.run(() => {
          if (trace.isRead) {
            trace.detail(
              this.#name,
              `${process.name} hears of the end: ${end.cause}, ${end.reason}`,
            );
          }
          handlers.ended(end);
        });
      },
    };
  }

  #sender<Send>(
    link: Link<Send>,
    process: VirtualProcess,
    observe: ((batch: Send) => Send) | undefined,
  ): Link<Send> {
    return {
      send(batch) {
        if (!process.isAlive) return true;
        return link.send(observe === undefined ? batch : observe(batch));
      },
      get bufferedBytes() {
        return link.bufferedBytes;
      },
      pause: () => link.pause(),
      resume: () => link.resume(),
      close: (end) => {
        if (process.isAlive) link.close(end);
      },
    };
  }
}
