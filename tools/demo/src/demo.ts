import { setTimeout as pause } from 'node:timers/promises';
import { connect, decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { followMembers } from './group-membership.ts';
import { LAYOUT, layOut } from './layout.ts';
import type { Report } from './report.ts';
import { DemoError } from './service.ts';
import type { Story } from './story.ts';
import { WorkerProcess } from './worker-process.ts';

const NAMES = ['Ada', 'Barbara', 'Grace', 'Radia'];
const STEP_MS = 15_000;
const CALM_MS = 800;

/** The play: what the workers report, and what happens to them. */
export class Demo {
  readonly #story: Story;
  readonly #servers: string;
  readonly #workers = new Map<string, WorkerProcess>();
  readonly #done = new Set<string>();
  #leader = '';
  #configuredBy = '';
  #counted = 0;
  #members: readonly string[] = [];
  #wake: () => void = () => undefined;

  constructor(story: Story, servers: string) {
    this.#story = story;
    this.#servers = servers;
  }

  async play(): Promise<void> {
    const client = await connect({ servers: this.#servers });
    try {
      await this.#prepare(client);
      await this.#electAndCount();
      await this.#killLeader();
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
      this.#workers.set(
        name,
        new WorkerProcess(name, this.#servers, (report) => this.#heard(name, report)),
      );
    }
    await this.#until('a leader and a complete count', () => {
      return this.#leader !== '' && this.#done.size === NAMES.length;
    });
    await pause(CALM_MS);
  }

  async #killLeader(): Promise<void> {
    const killed = this.#leader;
    const worker = this.#workers.get(killed);
    if (worker === undefined) throw new DemoError(`${killed} leads and is no worker`);
    this.#story.heading(`the leader, ${killed} (pid ${worker.pid}), is killed: kill -9`);
    this.#configuredBy = '';
    await worker.kill();
    this.#workers.delete(killed);
    this.#story.tell(killed, 'is gone without a word; its session expires in a few seconds');
    await this.#until('another leader, whose configuration arrives', () => {
      return this.#leader !== killed && this.#configuredBy === this.#leader;
    });
    await this.#until('the member gone', () => !this.#members.includes(killed));
  }

  async #finish(client: Client): Promise<void> {
    const expected = this.#counted;
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
        this.#counted++;
        this.#story.tell(name, `had the lock and counted to ${report.value}`);
        break;
      case 'counting ended':
        this.#done.add(name);
        break;
      case 'state':
        this.#story.tell(name, `is ${report.state}`);
        break;
    }
    this.#wake();
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const limit = AbortSignal.timeout(STEP_MS);
    limit.addEventListener('abort', () => this.#wake(), { once: true });
    while (!isSo()) {
      if (limit.aborted) throw new DemoError(`${what} did not come within ${STEP_MS / 1000} s`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
