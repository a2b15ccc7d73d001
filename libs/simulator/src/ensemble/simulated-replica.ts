import type {
  ClientOperation,
  MembersAnswer,
  MembersQuestion,
  StageEvent,
  WatchTerms,
  Zxid,
  SnapshotReply,
  SnapshotRequest,
} from '@paddock/model';
import type { Link } from '@paddock/ports';
import type { StageName } from '@paddock/node-runtime';
import type {
  ReplicatedDatabaseStage,
  SessionFrontendStage,
  Stage,
  UnaryAnswerHandler,
  WatchHandlers,
  ZabBroadcasterStage,
} from '@paddock/replica';
import { SimulatedDisk } from '../kernel/simulated-disk.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';
import type { PlacedInterval } from '../record/history.ts';
import type { World } from '../world.ts';
import { STAGES } from './boundaries.ts';
import type { EnsembleNetworks } from './ensemble-networks.ts';
import {
  assembleBroadcaster,
  assembleDatabase,
  assembleFrontend,
  assembleProcessor,
} from './stage-assembly.ts';
import type { AssemblyParts, Member, ReplicaIdentity } from './stage-assembly.ts';

interface RunningStage {
  readonly process: VirtualProcess;
  readonly stage: Stage;
}

export interface SimulatedReplicaOptions {
  readonly number: number;
  /** All stages share one process. */
  readonly isFused: boolean;
  /** Empty: an ensemble of one. */
  readonly ensemble: readonly Member[];
}

export interface SimulatedReplicaHandlers {
  /** The power fails, as planned, in the middle of a step of a disk. */
  crashed(replica: SimulatedReplica): void;
  /** The ensemble has told it that it is no member any more. */
  removed(replica: SimulatedReplica): void;
  /** Its process is about to be killed. */
  databaseDies(replica: SimulatedReplica, database: ReplicatedDatabaseStage): void;
  /** Its calls and watches will not be answered any more. */
  frontendDied(replica: SimulatedReplica): void;
}

/** The four stages of one replica, each a process of its own or all in one, with simulated links and disks. */
export class SimulatedReplica {
  readonly number: number;
  readonly isFused: boolean;
  readonly disks: { readonly broadcaster: SimulatedDisk; readonly database: SimulatedDisk };
  /** Of what its log refers to some was lost from its disk: another replica has to have it. */
  lacksBackup = false;
  readonly #name: string;
  readonly #world: World;
  readonly #networks: EnsembleNetworks;
  readonly #ensemble: readonly Member[];
  readonly #handlers: SimulatedReplicaHandlers;
  readonly #running = new Map<StageName, RunningStage>();
  #broadcaster: ZabBroadcasterStage | null = null;
  #database: ReplicatedDatabaseStage | null = null;
  #frontend: SessionFrontendStage | null = null;
  #absence: PlacedInterval | null = null;
  #starts = 0;
  #life = 1;

  constructor(
    { number, isFused, ensemble }: SimulatedReplicaOptions,
    world: World,
    networks: EnsembleNetworks,
    handlers: SimulatedReplicaHandlers,
  ) {
    this.number = number;
    this.isFused = isFused;
    this.#name = `replica ${number}`;
    this.#world = world;
    this.#networks = networks;
    this.#ensemble = ensemble;
    this.#handlers = handlers;
    this.disks = { broadcaster: this.#disk('broadcaster'), database: this.#disk('database') };
  }

  get database(): ReplicatedDatabaseStage | null {
    return this.#database;
  }

  /** Drawn when its data is born: an emptied disk is a new voter (H7). */
  get identity(): ReplicaIdentity {
    const incarnation = 1000 * this.number + this.#life;
    return { format: 1, clusterId: `founded by ${incarnation}`, replica: this.number, incarnation };
  }

  /** What a stage says of itself; undefined where it does not run. */
  statusOf(name: StageName): Readonly<Record<string, unknown>> | undefined {
    return this.#running.get(name)?.stage.status();
  }

  /** A call without a session, as over gRPC: never answered where the front-end is gone, or dies. */
  call(operation: ClientOperation, answer: UnaryAnswerHandler): void {
    const frontend = this.#frontend;
    const process = this.#running.get('session-frontend')?.process;
    if (frontend !== null) process?.run(() => void frontend.call(operation, answer));
  }

  /** A watch without a session, until it ends or the front-end does. False: there is no front-end. */
  watch(path: string, from: Zxid, handlers: WatchHandlers, terms?: WatchTerms): boolean {
    const frontend = this.#frontend;
    const process = this.#running.get('session-frontend')?.process;
    if (frontend === null || process === undefined) return false;
    process.run(() => void frontend.watch(path, from, handlers, undefined, terms));
    return true;
  }

  /** As an operator: never answered where the broadcaster is gone. */
  askMembers(question: MembersQuestion, answered: (answer: MembersAnswer) => void): void {
    const broadcaster = this.#broadcaster;
    const process = this.#running.get('zab-broadcaster')?.process;
    if (broadcaster === null || process === undefined) return;
    process.run(() => broadcaster.askMembers(question, answered));
  }

  /** As an operator, who fetches a backup from its database or brings one there. */
  askDatabase(requests: SnapshotRequest[], received: (reply: SnapshotReply) => void): void {
    const database = this.#database;
    const process = this.#running.get('replicated-database')?.process;
    if (database === null || process === undefined) return;
    const link: Link<SnapshotReply[]> = {
      bufferedBytes: 0,
      send: (batch) => {
        for (const reply of batch) received(reply);
        return true;
      },
      pause: () => undefined,
      resume: () => undefined,
      close: () => undefined,
    };
    process.run(() => {
      database.acceptDatabase(link).received(requests);
    });
  }

  isUp(name: StageName): boolean {
    return this.#running.has(name);
  }

  /** Its front-end takes sessions. */
  get isServing(): boolean {
    return this.#frontend?.health().serving === true;
  }

  /** What each stage waits for, in the operators' words. */
  waitingFor(): string[] {
    return STAGES.flatMap(
      (name) =>
        this.#running
          .get(name)
          ?.stage.health()
          .waitingFor.map((it) => `${this.#name}: ${it}`) ?? [`${this.#name}: ${name} is down`],
    );
  }

  pause(name: StageName, durationMs: number): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#world.trace.tell(running.process.name, `stands still for ${durationMs} ms`);
    running.process.pause(durationMs);
    if (name !== 'session-frontend' && !this.isFused) return;
    const from = this.#world.time.nowMs;
    this.#world.history.frontendAbsences.push({
      replica: this.number,
      from,
      to: from + durationMs,
    });
  }

  pauseAll(durationMs: number): void {
    for (const name of STAGES) this.pause(name, durationMs);
  }

  /** The stage; of a replica that is one process, all of it. */
  start(name: StageName): void {
    if (this.#running.has(name)) return;
    const label = this.isFused ? 'replica' : name;
    const { trace } = this.#world;
    const process = this.#world.process(
      `${label}.${this.number} ${++this.#starts}`,
      this.number,
      (error) => this.#failed(process, reasonOf(error)),
    );
    trace.tell(process.name, 'starts');
    // What is thrown by a constructor ends the process as well.
    process.run(() => {
      for (const each of this.isFused ? STAGES : [name]) {
        if (!process.isAlive) return;
        const stage = this.#assemble(each, process);
        this.#running.set(each, { process, stage });
        stage.start();
        if (each === 'session-frontend') this.#frontendStarted();
      }
    });
  }

  /** As by SIGTERM: the stage says goodbye to its neighbours. */
  stop(name: StageName): void {
    const process = this.#running.get(name)?.process;
    if (process === undefined) return;
    for (const running of this.#running.values()) {
      if (running.process === process && process.isAlive) void running.stage.stop();
    }
    this.kill(name);
  }

  /** As by SIGKILL. */
  kill(name: StageName): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#world.trace.tell(running.process.name, 'is killed');
    this.#died(running.process);
  }

  killAll(): void {
    for (const name of STAGES) this.kill(name);
  }

  stopAll(): void {
    for (const name of STAGES) this.stop(name);
  }

  /** All stages die, and of what was not synced the disks lose what they like, or everything. */
  powerCut(losesAll: boolean): void {
    this.#world.trace.tell(this.#name, 'loses power');
    for (const { process } of [...this.#running.values()]) this.#forget(process);
    this.disks.broadcaster.powerCut(losesAll);
    this.disks.database.powerCut(losesAll);
  }

  /** Its database was once handed something else than what was committed. */
  get hasRotten(): boolean {
    return this.#world.history.rotten.some((it) => it.replica === this.number);
  }

  /** Both disks are replaced by empty ones: what starts on them is another voter (H7). */
  wipe(): void {
    this.killAll();
    this.disks.broadcaster.wipe();
    this.disks.database.wipe();
    this.#life++;
    this.#world.trace.tell(this.#name, `has empty disks, and is incarnation ${this.#life} now`);
  }

  #died(process: VirtualProcess): void {
    const names = [...this.#running].filter(([, it]) => it.process === process).map(([it]) => it);
    this.#forget(process);
    if (names.includes('zab-broadcaster')) this.disks.broadcaster.processKilled();
    if (names.includes('replicated-database')) this.disks.database.processKilled();
  }

  #forget(process: VirtualProcess): void {
    const database = this.#database;
    if (database !== null && this.#running.get('replicated-database')?.process === process) {
      this.#handlers.databaseDies(this, database);
    }
    process.kill();
    let hadFrontend = false;
    for (const [name, running] of [...this.#running]) {
      if (running.process !== process) continue;
      this.#running.delete(name);
      if (name === 'replicated-database') this.#database = null;
      if (name === 'zab-broadcaster') this.#broadcaster = null;
      hadFrontend ||= name === 'session-frontend';
    }
    this.#networks.processDied(process);
    if (!hadFrontend) return;
    this.#frontend = null;
    this.#absence = { replica: this.number, from: this.#world.time.nowMs, to: Infinity };
    this.#world.history.frontendAbsences.push(this.#absence);
    this.#handlers.frontendDied(this);
  }

  #frontendStarted(): void {
    if (this.#absence !== null) this.#absence.to = this.#world.time.nowMs;
    this.#absence = null;
  }

  #disk(name: string): SimulatedDisk {
    const { time, trace, random, settings } = this.#world;
    const title = `disk of ${name}.${this.number}`;
    return new SimulatedDisk(title, {
      time,
      trace,
      random: random.fork(title),
      delayMs: settings.diskDelayMs,
      crashed: () => this.#handlers.crashed(this),
    });
  }

  get #powerFails(): boolean {
    return this.disks.broadcaster.hasCrashed || this.disks.database.hasCrashed;
  }

  /** The ensemble has left out this life of its disks. */
  get #isRemoved(): boolean {
    const { replica, incarnation } = this.identity;
    const { removed = [] } = this.#world.log.configuration ?? {};
    return removed.some((it) => it.replica === replica && it.incarnation === incarnation);
  }

  /** A stage ends by itself only because of its disk; anything else is a defect. */
  #failed(process: VirtualProcess, reason: string): void {
    if (!process.isAlive) return;
    this.#world.trace.tell(process.name, `fails: ${reason}`);
    if (this.#powerFails) {
      process.kill();
      this.#handlers.crashed(this);
      return;
    }
    // After a failed sync nobody knows what is durable, so the machine goes down with the stage.
    if (reason.includes('planned failure of sync')) {
      this.#handlers.crashed(this);
      return;
    }
    if (reason.includes('was removed from the ensemble') && this.#isRemoved) {
      this.#handlers.removed(this);
      return;
    }
    if (!reason.includes('planned failure')) {
      this.#world.violated(`${process.name} has failed: ${reason}`);
    }
    const names = STAGES.filter((name) => this.#running.get(name)?.process === process);
    // It may have failed while it was assembled, and have no stage yet.
    this.#died(process);
    this.#world.time.after(1000, () => {
      for (const name of names.length > 0 ? names : STAGES) this.start(name);
    });
  }

  /** What an operator must know, and what here was done on purpose. */
  #isPlanned({ message, detail }: StageEvent): boolean {
    if (detail?.['code'] === 'removed') return this.#isRemoved;
    if (message.includes('needs the snapshot of another one')) return true;
    if (message.includes('restores a backup that is not here')) return this.disks.database.hasLost;
    if (message.includes('digest')) return this.#world.history.rotten.length > 0;
    if (message.includes('differs from the majority') || message.includes('wrong database')) {
      // P10 speaks of one database that is wrong: from two on, the majority may be.
      return this.hasRotten || this.#world.history.rotten.length > 1;
    }
    return this.disks.database.hasRotten;
  }

  #assemble(name: StageName, process: VirtualProcess): Stage {
    const parts: AssemblyParts = {
      world: this.#world,
      networks: this.#networks,
      process,
      identity: this.identity,
      ensemble: this.#ensemble,
      surroundings: {
        timers: process.timers,
        report: (event) => {
          const isPlanned = this.#isPlanned(event);
          this.#world.reported(process.name, isPlanned ? { ...event, level: 'warn' } : event);
        },
        failed: (reason) => this.#failed(process, reason),
      },
    };
    switch (name) {
      case 'zab-broadcaster':
        this.#broadcaster = assembleBroadcaster(parts, this.disks.broadcaster);
        return this.#broadcaster;
      case 'replicated-database':
        this.#database = assembleDatabase(parts, this.disks.database);
        return this.#database;
      case 'request-processor':
        return assembleProcessor(parts);
      case 'session-frontend':
        this.#frontend = assembleFrontend(parts);
        return this.#frontend;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : 'threw';
}
