import {
  databaseBroadcasterEstimates,
  frontendDatabaseEstimates,
  frontendProcessorEstimates,
  processorBroadcasterEstimates,
  processorDatabaseEstimates,
  sessionStreamEstimates,
} from '@paddock/link-memory';
import type { BoundaryEstimates } from '@paddock/link-memory';
import type { ClientOperation, Zxid } from '@paddock/model';
import { SHA256 } from '@paddock/node-runtime';
import type { StageName } from '@paddock/node-runtime';
import { ReplicatedDatabaseStage } from '@paddock/replica';
import { RequestProcessorStage } from '@paddock/replica';
import { SessionFrontendStage } from '@paddock/replica';
import type { UnaryAnswerHandler, WatchHandlers } from '@paddock/replica';
import type { Stage, StageSurroundings } from '@paddock/replica';
import { ZabBroadcasterStage } from '@paddock/replica';
import type { Interval } from '../record/history.ts';
import { expiriesOf } from '../record/proposed-expiries.ts';
import type { ProposedExpiry } from '../record/proposed-expiries.ts';
import { SimulatedDisk } from '../kernel/simulated-disk.ts';
import { SimulatedNetwork } from '../kernel/simulated-network.ts';
import type { LinkObserver, NetworkDependencies } from '../kernel/simulated-network.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';
import type { World } from '../world.ts';

export const STAGES = [
  'zab-broadcaster',
  'replicated-database',
  'request-processor',
  'session-frontend',
] as const;

export const BOUNDARIES = [
  'frontendDatabase',
  'frontendProcessor',
  'processorDatabase',
  'processorBroadcaster',
  'databaseBroadcaster',
] as const;
export type Boundary = (typeof BOUNDARIES)[number];

export const FRONTEND_ADDRESS = 'memory:session-frontend';
const ADDRESSES = {
  broadcaster: 'memory:zab-broadcaster',
  database: 'memory:replicated-database',
  processor: 'memory:request-processor',
} as const;

const IDENTITY = { format: 1, clusterId: 'simulated', replica: 1, incarnation: 1 };

interface RunningStage<S extends Stage> {
  readonly process: VirtualProcess;
  readonly stage: S;
}

export interface SimulatedReplicaHandlers {
  /** The power fails, as planned, in the middle of a step of a disk. */
  crashed(): void;
  /** Its process is about to be killed. */
  databaseDies(database: ReplicatedDatabaseStage): void;
  /** Its calls and watches will not be answered any more. */
  frontendDied(): void;
}

/** The four stages as they are shipped, each a process of its own, with simulated links and disks. */
export class SimulatedReplica {
  readonly clients;
  readonly disks: { readonly broadcaster: SimulatedDisk; readonly database: SimulatedDisk };
  readonly expiries: ProposedExpiry[] = [];
  readonly #world: World;
  readonly #networks;
  readonly #running = new Map<StageName, RunningStage<Stage>>();
  #database: RunningStage<ReplicatedDatabaseStage> | null = null;
  #frontend: RunningStage<SessionFrontendStage> | null = null;
  readonly #handlers: SimulatedReplicaHandlers;
  #starts = 0;

  constructor(world: World, handlers: SimulatedReplicaHandlers) {
    this.#world = world;
    this.#handlers = handlers;
    const network = <Up, Down>(
      name: string,
      estimates: BoundaryEstimates<Up, Down>,
      observe?: () => LinkObserver<Up, Down>,
    ): SimulatedNetwork<Up, Down> =>
      new SimulatedNetwork(name, estimates, this.#networkDependencies(name), observe);
    this.clients = network('client-frontend', sessionStreamEstimates);
    this.#networks = {
      frontendDatabase: network('frontend-database', frontendDatabaseEstimates, () => ({
        up: (batch) => {
          const opens = batch.some((it) => it.kind === 'openStream');
          if (opens) world.history.streams.push(world.history.moment());
        },
      })),
      frontendProcessor: network('frontend-processor', frontendProcessorEstimates),
      processorDatabase: network('processor-database', processorDatabaseEstimates),
      processorBroadcaster: network('processor-broadcaster', processorBroadcasterEstimates, () => ({
        up: (batch) => this.expiries.push(...expiriesOf(batch, world.time.nowMs)),
      })),
      databaseBroadcaster: network('database-broadcaster', databaseBroadcasterEstimates, () => {
        const stream = world.log.stream();
        return {
          up: (batch) => {
            for (const it of batch) if (it.kind === 'deliver') stream.startsBehind(it.applied);
          },
          down: (batch) => {
            for (const it of batch) if (it.kind === 'entries') stream.delivered(it.entries);
          },
        };
      }),
    };
    this.disks = { broadcaster: this.#disk('broadcaster'), database: this.#disk('database') };
  }

  get database(): ReplicatedDatabaseStage | null {
    return this.#database?.stage ?? null;
  }

  /** A call without a session, as over gRPC: never answered where the front-end is gone, or dies. */
  call(operation: ClientOperation, answer: UnaryAnswerHandler): void {
    const frontend = this.#frontend;
    frontend?.process.run(() => void frontend.stage.call(operation, answer));
  }

  /** A watch without a session, until it ends or the front-end does. False: there is no front-end. */
  watch(path: string, from: Zxid, handlers: WatchHandlers): boolean {
    const frontend = this.#frontend;
    if (frontend === null) return false;
    frontend.process.run(() => void frontend.stage.watch(path, from, handlers));
    return true;
  }

  isUp(name: StageName): boolean {
    return this.#running.has(name);
  }

  get isServing(): boolean {
    return STAGES.every((name) => this.#running.get(name)?.stage.health().serving === true);
  }

  /** What each stage waits for, in the operators' words. */
  waitingFor(): string[] {
    return STAGES.flatMap(
      (name) => this.#running.get(name)?.stage.health().waitingFor ?? [`${name} is down`],
    );
  }

  cut(boundary: Boundary, durationMs: number): void {
    this.#networks[boundary].cut(durationMs);
  }

  stall(boundary: Boundary, durationMs: number): void {
    this.#networks[boundary].stall(durationMs);
  }

  pause(name: StageName, durationMs: number): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#world.trace.tell(name, `stands still for ${durationMs} ms`);
    running.process.pause(durationMs);
    const from = this.#world.time.nowMs;
    if (name === 'session-frontend') this.#absences.push({ from, to: from + durationMs });
  }

  start(name: StageName): void {
    if (this.#running.has(name)) return;
    const { trace } = this.#world;
    const threw = (error: unknown): void => this.#threw(name, process, error);
    const process = this.#world.process(`${name} ${++this.#starts}`, threw);
    trace.tell(name, 'starts');
    // What is thrown by a constructor ends the process as well.
    process.run(() => {
      const stage = this.#assemble(name, process);
      this.#running.set(name, { process, stage });
      stage.start();
      const absence = this.#absences.at(-1);
      if (name === 'session-frontend' && absence?.to === Infinity) {
        absence.to = this.#world.time.nowMs;
      }
    });
  }

  /** As by SIGTERM: the stage says goodbye to its neighbours. */
  stop(name: StageName): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    void running.stage.stop();
    this.kill(name);
  }

  /** As by SIGKILL. */
  kill(name: StageName): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#world.trace.tell(name, 'is killed');
    this.#forget(name, running.process);
    if (name === 'zab-broadcaster') this.disks.broadcaster.processKilled();
    if (name === 'replicated-database') this.disks.database.processKilled();
  }

  /** All stages die, and of what was not synced the disks lose what they like, or everything. */
  powerCut(losesAll: boolean): void {
    this.#world.trace.tell('replica', 'loses power');
    for (const [name, { process }] of [...this.#running]) this.#forget(name, process);
    this.disks.broadcaster.powerCut(losesAll);
    this.disks.database.powerCut(losesAll);
  }

  #forget(name: StageName, process: VirtualProcess): void {
    if (this.#database?.process === process) this.#handlers.databaseDies(this.#database.stage);
    process.kill();
    this.#running.delete(name);
    if (this.#database?.process === process) this.#database = null;
    if (name === 'session-frontend') {
      this.#frontend = null;
      this.#absences.push({ from: this.#world.time.nowMs, to: Infinity });
      this.#handlers.frontendDied();
    }
    this.clients.processDied(process);
    for (const boundary of BOUNDARIES) this.#networks[boundary].processDied(process);
  }

  #networkDependencies(name: string): NetworkDependencies {
    const { time, trace, random, settings } = this.#world;
    return {
      time,
      trace,
      random: random.fork(name),
      limits: settings.limits,
      delayMs: settings.linkDelayMs,
    };
  }

  #disk(name: string): SimulatedDisk {
    const { time, trace, random, settings } = this.#world;
    return new SimulatedDisk(`disk of ${name}`, {
      time,
      trace,
      random: random.fork(`disk of ${name}`),
      delayMs: settings.diskDelayMs,
      crashed: () => this.#handlers.crashed(),
    });
  }

  /** Of the front-end. */
  get #absences(): Interval[] {
    return this.#world.history.frontendAbsences;
  }

  get #powerFails(): boolean {
    return this.disks.broadcaster.hasCrashed || this.disks.database.hasCrashed;
  }

  #threw(name: StageName, process: VirtualProcess, error: unknown): void {
    this.#failed(name, process, error instanceof Error ? (error.stack ?? error.message) : 'threw');
  }

  /** A stage ends by itself only because of its disk; anything else is a defect. */
  #failed(name: StageName, process: VirtualProcess, reason: string): void {
    if (!process.isAlive) return;
    this.#world.trace.tell(name, `fails: ${reason}`);
    if (this.#powerFails) {
      process.kill();
      this.#handlers.crashed();
      return;
    }
    // After a failed sync nobody knows what is durable, so the machine goes down with the stage.
    if (reason.includes('planned failure of sync')) {
      this.#handlers.crashed();
      return;
    }
    if (!reason.includes('planned failure')) this.#world.violated(`${name} has failed: ${reason}`);
    // It may have failed while it was assembled.
    if (this.#running.get(name)?.process === process) this.kill(name);
    else this.#forget(name, process);
    this.#world.time.after(1000, () => this.start(name));
  }

  #assemble(name: StageName, process: VirtualProcess): Stage {
    const { settings } = this.#world;
    const { limits, timing } = settings;
    const surroundings: StageSurroundings & { readonly clock: VirtualProcess['clock'] } = {
      timers: process.timers,
      clock: process.clock,
      report: (event) => {
        const isRot = name === 'replicated-database' && this.disks.database.hasRotten;
        this.#world.reported(name, isRot ? { ...event, level: 'warn' } : event);
      },
      failed: (reason) => this.#failed(name, process, reason),
    };
    const networks = this.#networks;
    switch (name) {
      case 'zab-broadcaster': {
        const disk = this.disks.broadcaster.openFor(process);
        const stage = new ZabBroadcasterStage(
          { limits, timing, identity: IDENTITY },
          { ...surroundings, disk },
        );
        const { broadcaster } = ADDRESSES;
        networks.databaseBroadcaster.listen(broadcaster, process, stage.acceptDatabase);
        networks.processorBroadcaster.listen(broadcaster, process, stage.acceptProcessor);
        return stage;
      }
      case 'replicated-database':
        return this.#assembleDatabase(process, surroundings);
      case 'request-processor': {
        const stage = new RequestProcessorStage(
          {
            limits,
            timing,
            processorAddress: ADDRESSES.processor,
            databaseAddress: ADDRESSES.database,
            broadcasterAddress: ADDRESSES.broadcaster,
          },
          {
            ...surroundings,
            database: networks.processorDatabase.dialer(process),
            broadcaster: networks.processorBroadcaster.dialer(process),
          },
        );
        networks.frontendProcessor.listen(ADDRESSES.processor, process, stage.acceptFrontend);
        return stage;
      }
      case 'session-frontend':
        return this.#assembleFrontend(process, surroundings);
    }
  }

  #assembleDatabase(
    process: VirtualProcess,
    surroundings: StageSurroundings & { readonly clock: VirtualProcess['clock'] },
  ): Stage {
    const { limits, timing } = this.#world.settings;
    const networks = this.#networks;
    const stage = new ReplicatedDatabaseStage(
      { limits, timing, broadcasterAddress: ADDRESSES.broadcaster },
      {
        ...surroundings,
        disk: this.disks.database.openFor(process),
        broadcaster: networks.databaseBroadcaster.dialer(process),
      },
    );
    networks.frontendDatabase.listen(ADDRESSES.database, process, stage.acceptFrontend);
    networks.processorDatabase.listen(ADDRESSES.database, process, stage.acceptProcessor);
    this.#database = { process, stage };
    return stage;
  }

  #assembleFrontend(
    process: VirtualProcess,
    surroundings: StageSurroundings & { readonly clock: VirtualProcess['clock'] },
  ): Stage {
    const { random, settings } = this.#world;
    const { limits, timing } = settings;
    const networks = this.#networks;
    const stage = new SessionFrontendStage(
      { limits, timing, databaseAddress: ADDRESSES.database },
      {
        ...surroundings,
        random: random.fork(`secrets of ${process.name}`),
        secretHash: SHA256,
        database: networks.frontendDatabase.dialer(process),
        processor: networks.frontendProcessor.dialer(process),
      },
    );
    this.clients.listen(FRONTEND_ADDRESS, process, stage.acceptClient);
    this.#frontend = { process, stage };
    return stage;
  }
}
