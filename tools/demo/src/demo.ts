import { setTimeout as pause } from 'node:timers/promises';
import { connect, decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { followMembers } from './group-membership.ts';
import { LAYOUT, layOut } from './layout.ts';
import { Pace } from './pace.ts';
import type { Report } from './report.ts';
import { DemoError } from './service.ts';
import type { Service, ServiceEvent } from './service.ts';
import type { Story } from './story.ts';
import { WorkerProcess } from './worker-process.ts';

const NAMES = ['Ada', 'Barbara', 'Grace', 'Radia'];
/** Each increment is told at first; later their number is. */
const TOLD_INCREMENTS = 3 * NAMES.length;
/** Enough to see the workers go on. */
const INCREMENTS_AFTER = 5 * NAMES.length;
const STEP_MS = 30_000;
const CALM_MS = 800;

/** The play: what the workers report, and what happens to them. */
export class Demo {
  readonly #story: Story;
  readonly #servers: string;
  /** Null where somebody else's is played at: nothing of it is killed. */
  readonly #service: Service | null;
  readonly #workers = new Map<string, WorkerProcess>();
  readonly #resting = new Set<string>();
  readonly #pace = new Pace();
  #failure = '';
  #leader = '';
  #configuredBy = '';
  #leadingReplica: number | null;
  #members: readonly string[] = [];
  #wake: () => void = () => undefined;

  constructor(story: Story, servers: string, service: Service | null) {
    this.#story = story;
    this.#servers = servers;
    this.#service = service;
    this.#leadingReplica = service?.leader.replica ?? null;
    if (service !== null) service.heard = (event) => this.#serviceTold(event);
  }

  async play(): Promise<void> {
    const client = await connect({ servers: this.#servers });
    try {
      await this.#prepare(client);
      await this.#electAndCount();
      if (this.#service !== null) await this.#killLeadingReplica(this.#service);
      await this.#rest();
      await this.#killLeadingWorker();
      await this.#finish(client);
    } finally {
      await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
      await client.close();
    }
  }

  async #prepare(client: Client): Promise<void> {
    await layOut(client);
    await client.set(LAYOUT.counter, '0');
    // It ends with the session, of which the play itself takes care.
    void followMembers(client, LAYOUT.members, (members) => {
      this.#members = members;
      this.#story.tell('members', members.length === 0 ? 'nobody' : members.join(', '));
      this.#wake();
    });
  }

  async #electAndCount(): Promise<void> {
    this.#story.heading(`${NAMES.length} workers join, stand for leader, and count under one lock`);
    for (const name of NAMES) {
      const worker = new WorkerProcess(name, this.#servers, {
        heard: (report) => this.#heard(name, report),
        failed: (how) => this.#failed(name, how),
      });
      this.#workers.set(name, worker);
    }
    await this.#until('a leader and a count', () => {
      return this.#leader !== '' && this.#pace.count >= TOLD_INCREMENTS;
    });
  }

  /** In the middle of the counting, at which no worker fails. */
  async #killLeadingReplica({ leader, replicas }: Service): Promise<void> {
    const { replica, pid } = leader;
    const of = `${replica} of ${replicas}`;
    this.#story.heading(
      `replica ${of}, which leads (pid ${pid}), is killed while all count: kill -9`,
    );
    const usualMs = this.#pace.usualMs;
    const before = this.#pace.count;
    const killedMs = performance.now();
    process.kill(pid, 'SIGKILL');
    await this.#until('another leading replica', () => {
      return this.#leadingReplica !== null && this.#leadingReplica !== replica;
    });
    await this.#until('increments under it', () => this.#pace.count >= before + INCREMENTS_AFTER);
    const longestMs = this.#pace.longestMs(killedMs);
    this.#story.tell(
      'counting',
      `went on: ${this.#pace.count - before} more increments, no worker failed, no session was lost`,
    );
    this.#story.tell(
      'pause',
      `${longestMs.toFixed(0)} ms was the longest between two increments; ${usualMs.toFixed(0)} ms is usual`,
    );
  }

  async #rest(): Promise<void> {
    for (const worker of this.#workers.values()) worker.rest();
    await this.#until('the end of the counting', () => this.#resting.size === NAMES.length);
    await pause(CALM_MS);
  }

  async #killLeadingWorker(): Promise<void> {
    const killed = this.#leader;
    const worker = this.#workers.get(killed);
    if (worker === undefined) throw new DemoError(`${killed} leads and is no worker`);
    this.#story.heading(`the worker that leads, ${killed} (pid ${worker.pid}), is killed: kill -9`);
    this.#configuredBy = '';
    this.#workers.delete(killed);
    await worker.kill();
    this.#story.tell(killed, 'is gone without a word; its session expires in a few seconds');
    await this.#until('another leader, whose configuration arrives', () => {
      return this.#leader !== killed && this.#configuredBy === this.#leader;
    });
    await this.#until('the member gone', () => !this.#members.includes(killed));
  }

  async #finish(client: Client): Promise<void> {
    const expected = this.#pace.count;
    const { data, stat } = await client.get(LAYOUT.counter);
    this.#story.heading('the workers say goodbye: their ephemeral znodes go at once');
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
    await this.#until('an empty group', () => this.#members.length === 0);
    const counter = decodeText(data);
    this.#story.heading('the count');
    this.#story.tell('counter', `${counter} after ${expected} increments, version ${stat.version}`);
    if (counter !== String(expected)) throw new DemoError('increments were lost: the lock failed');
  }

  #heard(name: string, report: Report): void {
    switch (report.kind) {
      case 'joined':
        this.#story.tell(name, `joins with session ${report.session}`);
        break;
      case 'follows':
        this.#story.tell(name, `waits behind ${report.predecessor}, and watches only that`);
        break;
      case 'leads':
        this.#leader = name;
        this.#story.tell(name, 'LEADS');
        break;
      case 'configured': {
        const author = NAMES.find((it) => report.text.includes(it));
        if (author !== undefined) this.#configuredBy = author;
        this.#story.tell(name, `hears configuration ${report.version}: ${report.text}`);
        break;
      }
      case 'counted':
        this.#pace.happened(performance.now());
        if (this.#pace.count > TOLD_INCREMENTS) break;
        this.#story.tell(name, `had the lock and counted to ${report.value}`);
        break;
      case 'counting ended':
        this.#resting.add(name);
        break;
      case 'state':
        this.#stateOf(name, report.state);
        break;
    }
    this.#wake();
  }

  /** The session stays the same while its connection moves; without it all that a worker holds would be gone. */
  #stateOf(name: string, state: string): void {
    if (state === 'suspended') {
      this.#story.tell(name, 'loses its connection, and keeps its session');
    } else if (state === 'connected') {
      this.#story.tell(name, 'goes on in its session, at another replica');
    } else if (state === 'expired') this.#failed(name, 'has lost its session');
    else this.#story.tell(name, `is ${state}`);
  }

  #failed(name: string, how: string): void {
    if (this.#failure === '') this.#failure = `${name} ${how}`;
    this.#wake();
  }

  #serviceTold(event: ServiceEvent): void {
    switch (event.event) {
      case 'serving':
        break;
      case 'leads':
        this.#leadingReplica = event.replica;
        if (event.replica === null) this.#story.tell('service', 'has no leader');
        else this.#story.tell('service', `replica ${event.replica} leads, in epoch ${event.epoch}`);
        break;
      case 'died':
        this.#story.tell('service', `${event.name} died; it is started again`);
        break;
      case 'servesAgain':
        this.#story.tell('service', `${event.name} is back`);
        break;
    }
    this.#wake();
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const limit = AbortSignal.timeout(STEP_MS);
    limit.addEventListener('abort', () => this.#wake(), { once: true });
    while (!isSo()) {
      if (this.#failure !== '') throw new DemoError(this.#failure);
      if (limit.aborted) throw new DemoError(`${what} did not come within ${STEP_MS / 1000} s`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
