import { memoryLinkPair } from '@paddock/link-memory';
import type {
  BoundaryEstimates,
  Delivery,
  DeliveryOrder,
  MemoryLinkLimits,
  MemoryLinkPair,
} from '@paddock/link-memory';
import type { Link, LinkAcceptor, LinkDialer, LinkEnd, LinkHandlers } from '@paddock/ports';
import { describe } from '../record/describe.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Trace } from './trace.ts';
import type { VirtualProcess } from './virtual-process.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface NetworkDependencies {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly limits: MemoryLinkLimits;
  /** Most deliveries take up to so long, a few take many times as long. */
  readonly delayMs: number;
}

/** Sees what is sent on one link, in the order of sending. */
export interface LinkObserver<Up, Down> {
  readonly up?: (batch: Up) => void;
  readonly down?: (batch: Down) => void;
}

interface Place<Up, Down> {
  readonly process: VirtualProcess;
  readonly accept: LinkAcceptor<Down, Up>;
}

interface Connection<Up, Down> {
  readonly pair: MemoryLinkPair<Up, Down>;
  readonly dialler: VirtualProcess;
  readonly observer: LinkObserver<Up, Down>;
  acceptor: VirtualProcess | null;
}

const SLOW_CHANCE = 0.02;
const SLOW_FACTOR = 20;
/** A broken connection is noticed at once, or by a time-out. */
const NOTICE_MS = 3;
const LATE_NOTICE_CHANCE = 0.15;
const LATE_NOTICE_MS = 1500;

/**
 * All links of one boundary between simulated processes. Each end of each link is delivered to in order, and at its own
 * pace: what is sent on one link says nothing of when another delivers.
 */
export class SimulatedNetwork<Up, Down> {
  readonly #name: string;
  readonly #dependencies: NetworkDependencies;
  readonly #estimates: BoundaryEstimates<Up, Down>;
  readonly #observe: () => LinkObserver<Up, Down>;
  readonly #places = new Map<string, Place<Up, Down>>();
  readonly #order: ProcessOrder;
  #connections: Connection<Up, Down>[] = [];
  #unreachableUntilMs = 0;

  constructor(
    name: string,
    estimates: BoundaryEstimates<Up, Down>,
    dependencies: NetworkDependencies,
    observe: () => LinkObserver<Up, Down> = () => ({}),
  ) {
    this.#name = name;
    this.#dependencies = dependencies;
    this.#estimates = estimates;
    this.#observe = observe;
    this.#order = new ProcessOrder(dependencies);
  }

  /** The process takes whoever dials the address, until another process listens there. */
  listen(address: string, process: VirtualProcess, accept: LinkAcceptor<Down, Up>): void {
    this.#places.set(address, { process, accept });
  }

  /** How this process reaches the boundary's acceptors. */
  dialer(process: VirtualProcess): LinkDialer<Up, Down> {
    return { dial: (address, handlers) => this.#dial(process, address, handlers) };
  }

  /** Breaks every link; for `durationMs` none comes about. */
  cut(durationMs: number): void {
    const { time } = this.#dependencies;
    this.#unreachableUntilMs = Math.max(this.#unreachableUntilMs, time.nowMs + durationMs);
    for (const connection of this.#takeAll(() => true)) this.#break(connection, 'the link broke');
  }

  /** Nothing is delivered for so long, and nothing is lost. */
  stall(durationMs: number): void {
    this.#order.stall(durationMs);
  }

  /** The process is dead: its connections break, and sooner or later the other ends notice. */
  processDied(process: VirtualProcess): void {
    const its = this.#takeAll((it) => it.dialler === process || it.acceptor === process);
    for (const connection of its) this.#break(connection, `${process.name} died`);
  }

  #takeAll(chosen: (connection: Connection<Up, Down>) => boolean): Connection<Up, Down>[] {
    const taken = this.#connections.filter(chosen);
    this.#connections = this.#connections.filter((it) => !chosen(it));
    return taken;
  }

  #dial(process: VirtualProcess, address: string, handlers: LinkHandlers<Down>): Link<Up> {
    const { limits, time, trace } = this.#dependencies;
    const pair = memoryLinkPair<Up, Down>({ turn: this.#order, limits, ...this.#estimates });
    const observer = this.#observe();
    const connection: Connection<Up, Down> = { pair, observer, dialler: process, acceptor: null };
    this.#connections.push(connection);
    this.#order.setOwner(pair.dialler, process);
    pair.dialler.attach(this.#guard(connection, process, '↓', handlers));
    trace.tell(this.#name, `${process.name} dials ${address}`);
    time.after(this.#order.drawDelayMs(), () => this.#arrive(connection, address));
    return this.#sender(pair.dialler, process, observer.up);
  }

  #arrive(connection: Connection<Up, Down>, address: string): void {
    if (!this.#connections.includes(connection)) return;
    const { time } = this.#dependencies;
    const place = this.#places.get(address);
    if (place?.process.isAlive !== true || time.nowMs < this.#unreachableUntilMs) {
      this.#takeAll((it) => it === connection);
      this.#break(connection, `nobody answers at ${address}`);
      return;
    }
    const { pair, observer } = connection;
    const { process, accept } = place;
    connection.acceptor = process;
    this.#order.setOwner(pair.acceptor, process);
    process.run(() => {
      const handlers = accept(this.#sender(pair.acceptor, process, observer.down));
      pair.acceptor.attach(this.#guard(connection, process, '↑', handlers));
    });
  }

  #break({ pair, dialler, acceptor }: Connection<Up, Down>, reason: string): void {
    const { time, trace } = this.#dependencies;
    const end: LinkEnd = { cause: 'lost', reason };
    trace.tell(this.#name, `breaks: ${dialler.name} and ${acceptor?.name ?? 'nobody'}: ${reason}`);
    time.after(this.#noticeMs(), () => pair.dialler.end(end));
    time.after(this.#noticeMs(), () => pair.acceptor.end(end));
  }

  #noticeMs(): number {
    const { random } = this.#dependencies;
    return random.real() * (random.chance(LATE_NOTICE_CHANCE) ? LATE_NOTICE_MS : NOTICE_MS);
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
          trace.tell(this.#name, `${direction} ${process.name}: ${describe(batch)}`);
        }
        handlers.received(batch);
      },
      drained: () => process.run(() => handlers.drained()),
      ended: (end) => {
        this.#takeAll((it) => it === connection);
        process.run(() => {
          trace.tell(this.#name, `${process.name} hears of the end: ${end.cause}, ${end.reason}`);
          handlers.ended(end);
        });
      },
    };
  }

  #sender<Send>(
    link: Link<Send>,
    process: VirtualProcess,
    observe: ((batch: Send) => void) | undefined,
  ): Link<Send> {
    return {
      send(batch) {
        if (!process.isAlive) return true;
        observe?.(batch);
        return link.send(batch);
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

interface Lane {
  lastMs: number;
}

/** Delivers to each end of a link in order and with delays of its own, while the process that has the end runs. */
class ProcessOrder implements DeliveryOrder {
  readonly #dependencies: NetworkDependencies;
  readonly #owners = new WeakMap<Delivery, VirtualProcess>();
  readonly #lanes = new WeakMap<Delivery, Lane>();
  #stalledUntilMs = 0;

  constructor(dependencies: NetworkDependencies) {
    this.#dependencies = dependencies;
  }

  setOwner(end: Delivery, process: VirtualProcess): void {
    this.#owners.set(end, process);
  }

  stall(durationMs: number): void {
    const untilMs = this.#dependencies.time.nowMs + durationMs;
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, untilMs);
  }

  drawDelayMs(): number {
    const { random, delayMs } = this.#dependencies;
    const most = random.chance(SLOW_CHANCE) ? delayMs * SLOW_FACTOR : delayMs;
    return random.real() * most;
  }

  add(delivery: Delivery): void {
    const { time } = this.#dependencies;
    const lane = this.#lanes.get(delivery) ?? { lastMs: 0 };
    this.#lanes.set(delivery, lane);
    const earliestMs = Math.max(time.nowMs + this.drawDelayMs(), lane.lastMs);
    lane.lastMs = Math.max(earliestMs, this.#stalledUntilMs);
    time.after(lane.lastMs - time.nowMs, () => {
      const owner = this.#owners.get(delivery);
      if (owner === undefined) delivery.deliver();
      else owner.run(() => delivery.deliver());
    });
  }
}
