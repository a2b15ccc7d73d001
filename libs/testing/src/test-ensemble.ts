import { PaddockError } from '@paddock/client';
import type { Client, Credential } from '@paddock/client';
import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import { Application, SimulatedEnsemble, STAGES, World } from '@paddock/simulator';
import type { Settings, SimulatedReplica } from '@paddock/simulator';
import { EnsembleError } from './ensemble-error.ts';
import { openLoopbackPort } from './loopback-port.ts';
import type { LoopbackPort } from './loopback-port.ts';
import { PacedTime } from './paced-time.ts';

export interface EnsembleOptions {
  /** How many vote; default 1. Three go on without one of them. */
  readonly replicas?: number;
  /** How many follow and do not vote; default none. */
  readonly observers?: number;
  /** Opens a port of the loopback interface for each replica: `servers` names them. */
  readonly ports?: boolean;
  /** Draws what is drawn: who is elected, how long messages take; default 1. */
  readonly seed?: number;
}

export interface TestConnectOptions {
  /** A wish in milliseconds; the service grants 4000 to 40,000. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  readonly readOnly?: boolean;
  readonly local?: boolean;
  readonly credentials?: readonly Credential[];
}

/** Virtual time within which what has to come about must have. */
const PATIENCE_MS = 120_000;
const BEAT_MS = 100;
/** Machines of clients are behind those of replicas. */
const FIRST_CLIENT = 100;
const CLIENTS_MAX = 900;

/**
 * An ensemble within this process: the stages as they are shipped, on disks and links in memory. Its clock is not the
 * machine's: it runs as real time does, and `advance` moves it on.
 */
export class TestEnsemble implements AsyncDisposable {
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #time: PacedTime;
  readonly #applications = new Map<Client, { application: Application; place: number }>();
  readonly #paused = new Set<number>();
  #ports: readonly LoopbackPort[] = [];
  #clients = 0;
  #isStopped = false;

  private constructor(options: EnsembleOptions) {
    const { replicas = 1, observers = 0, seed = 1 } = options;
    this.#world = new World(seed, { read: null, settings: calm(replicas, observers) });
    this.#ensemble = new SimulatedEnsemble(this.#world, {
      crashed: () => undefined,
      removed: () => undefined,
      databaseDies: () => undefined,
      frontendDied: () => undefined,
    });
    this.#time = new PacedTime(this.#world.time);
  }

  /** Use `startEnsemble`. */
  static async start(options: EnsembleOptions): Promise<TestEnsemble> {
    const ensemble = new TestEnsemble(options);
    for (const { number } of ensemble.#ensemble.replicas) ensemble.restart(number);
    await ensemble.serving();
    if (options.ports === true) await ensemble.#openPorts();
    ensemble.#time.start();
    return ensemble;
  }

  /** Numbers of the replicas, from 1 on: voters first. */
  get replicas(): readonly number[] {
    return this.#ensemble.replicas.map(({ number }) => number);
  }

  /** Who leads, or led last where nobody does. */
  get leader(): number {
    return this.#ensemble.leader.number;
  }

  /** What `connect({ servers })` of @paddock/client takes, or PADDOCK_SERVERS; empty without `ports`. */
  get servers(): string {
    return this.#ports.map(({ address }) => address).join(',');
  }

  /** Milliseconds of the ensemble's clock since it was started. */
  get nowMs(): number {
    return this.#time.nowMs;
  }

  /** Moves the clock on; all that is due meanwhile happens, for clients too. */
  async advance(durationMs: number): Promise<void> {
    await this.#time.skip(durationMs);
  }

  /** Moves the clock on until all replicas that run serve. Fails as an EnsembleError where they do not. */
  async serving(): Promise<void> {
    const isServing = ({ number, isServing: serves }: SimulatedReplica): boolean =>
      serves || this.#paused.has(number) || !this.isRunning(number);
    await this.#until('that all replicas serve', () => this.#ensemble.replicas.every(isServing));
  }

  isRunning(replica: number): boolean {
    return this.#replica(replica).isUp('session-frontend');
  }

  /** A client as of a process of its own, over links in memory. It is closed with the ensemble. */
  async connect(options: TestConnectOptions = {}): Promise<Client> {
    const number = ++this.#clients;
    const world = this.#world;
    const name = `client ${number}`;
    const place = FIRST_CLIENT + (number % CLIENTS_MAX);
    const random = world.random.fork(name);
    const { sessionTimeoutMs = DEFAULT_TIMING.sessionTimeoutMs } = options;
    const application = new Application(name, {
      ...{ world, random, place, ensemble: this.#ensemble },
      options: { ...options, sessionTimeoutMs },
    });
    const { client } = application;
    this.#applications.set(client, { application, place });
    await opened(client);
    return client;
  }

  /** As by SIGKILL; what its disks have they keep. */
  kill(replica: number): void {
    this.#paused.delete(replica);
    this.#replica(replica).killAll();
  }

  /** As by SIGTERM. */
  shutDown(replica: number): void {
    this.#paused.delete(replica);
    this.#replica(replica).stopAll();
  }

  /** Starts what was killed, or kills and starts what runs. */
  restart(replica: number): void {
    this.kill(replica);
    const restarted = this.#replica(replica);
    for (const stage of STAGES) restarted.start(stage);
  }

  /** As `kill`; and its disks are replaced by empty ones. */
  wipe(replica: number): void {
    this.kill(replica);
    this.#replica(replica).wipe();
  }

  /** As by SIGSTOP, until it is resumed. */
  pause(replica: number): void {
    const paused = this.#replica(replica);
    if (this.#paused.has(replica)) return;
    this.#paused.add(replica);
    const again = (): void => {
      if (!this.#paused.has(replica)) return;
      paused.pauseAll(2 * BEAT_MS);
      this.#world.time.after(BEAT_MS, again);
    };
    again();
  }

  /** It goes on within a moment. */
  resume(replica: number): void {
    this.#paused.delete(replica);
  }

  /** Replicas of different groups do not reach one another; those of no group reach all. Clients reach all. */
  partition(...groups: readonly (readonly number[])[]): void {
    groups.forEach((group, i) => {
      for (const one of group) {
        for (const other of groups.slice(i + 1).flat()) {
          this.#ensemble.networks.part(one, other, Infinity);
        }
      }
    });
  }

  /** The client's machine reaches nobody; it goes on. */
  isolate(client: Client): void {
    this.#cut(client, Infinity);
  }

  /** All that was partitioned or isolated is joined again. */
  heal(): void {
    this.#ensemble.networks.heal();
  }

  /** The client's connection breaks, and it looks for another one. */
  disconnect(client: Client): void {
    this.#known(client).application.cut();
  }

  /**
   * Keeps the client from being heard, and moves the clock on, until the service has ended its session; and until the
   * client knows.
   */
  async expire(client: Client): Promise<void> {
    const { session } = client;
    const { openSessions } = this.#world.log;
    if (session === null || !openSessions.has(session)) {
      throw new EnsembleError('the client has no session that could expire');
    }
    await this.#until('that the session expires', () => {
      this.#cut(client, 2 * BEAT_MS);
      return !openSessions.has(session);
    });
    await this.#until('that the client knows', () => client.state === 'expired');
  }

  /** Ends everything; fails as an EnsembleError where a replica did what no promise allows, and says what. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const { application } of this.#applications.values()) {
      application.client.abandon('the ensemble was stopped');
    }
    for (const replica of this.#ensemble.replicas) replica.killAll();
    await Promise.all(this.#ports.map((port) => port.close()));
    // Whoever still asks a client is told by it.
    this.#time.release();
    const { violations } = this.#world;
    if (violations.length > 0) throw new EnsembleError(violations.join('; '));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #openPorts(): Promise<void> {
    this.#ports = await Promise.all(
      this.#ensemble.replicas.map((it) => openLoopbackPort(this.#world, this.#ensemble, it)),
    );
  }

  async #until(what: string, isDone: () => boolean): Promise<void> {
    if (await this.#time.skip(PATIENCE_MS, isDone)) return;
    const waiting = this.#ensemble.waitingFor().join('; ');
    throw new EnsembleError(`waited ${PATIENCE_MS} ms in vain ${what}: ${waiting}`);
  }

  #replica(number: number): SimulatedReplica {
    const replica = this.#ensemble.replicas.find((it) => it.number === number);
    if (replica !== undefined) return replica;
    throw new EnsembleError(`there is no replica ${number}, but ${this.replicas.join(', ')}`);
  }

  #known(client: Client): { application: Application; place: number } {
    const known = this.#applications.get(client);
    if (known !== undefined) return known;
    throw new EnsembleError('the client was not made by connect() of this ensemble');
  }

  #cut(client: Client, durationMs: number): void {
    const { place } = this.#known(client);
    for (const { number } of this.#ensemble.replicas) {
      this.#ensemble.networks.clients.cut(place, number, durationMs);
    }
  }
}

/** Starts an ensemble within this process, and returns once it serves. */
export function startEnsemble(options: EnsembleOptions = {}): Promise<TestEnsemble> {
  return TestEnsemble.start(options);
}

/** Bounds and times as they are shipped, and nothing breaks by itself. */
function calm(voters: number, observers: number): Partial<Settings> {
  return {
    ...{ voters, observers, faults: 0, linkDelayMs: 0.05, diskDelayMs: 0.1 },
    ...{ limits: DEFAULT_LIMITS, timing: DEFAULT_TIMING },
    fused: Array.from({ length: voters + observers }, (_, i) => i + 1),
  };
}

function opened(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = client.on('state', ({ state, reason, refusal }) => {
      stop();
      if (state === 'connected' || state === 'readOnly') resolve();
      else reject(new PaddockError(refusal?.code ?? 'connectionLoss', '', reason));
    });
  });
}
