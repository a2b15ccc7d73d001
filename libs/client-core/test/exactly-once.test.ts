import type { ClientOperation, OperationResult } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { ClientCore } from '../src/client-core.ts';
import { ClientEffects } from '../src/client-effects.ts';
import { DEFAULT_CLIENT_OPTIONS } from '../src/client-options.ts';
import type { ClientEvent } from '../src/client-event.ts';
import { ExactlyOnceServer } from './exactly-once-server.ts';
import type { ServedConnection } from './exactly-once-server.ts';
import { get, LOST, SeededRandom, set, VirtualClock } from './scripted-client.ts';

const REQUESTS = 120;

/** One client against the model, under faults that the seed draws. */
class Run {
  readonly #random: SeededRandom;
  readonly #clock = new VirtualClock();
  readonly #core: ClientCore<number>;
  readonly #effects = new ClientEffects<number>();
  readonly server: ExactlyOnceServer;
  readonly #connections: ServedConnection[] = [];
  #link = -1;
  #lastLink = 0;
  readonly submitted: ClientOperation[] = [];
  readonly settled: { tag: number; result: OperationResult }[] = [];
  /** Given up unsent: they are never done. */
  readonly withdrawn = new Set<number>();
  breaks = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.server = new ExactlyOnceServer(this.#random);
    const pipeline = { pipelineOperations: 10, batchOperations: 4 };
    // Of every other run the session is a local one at first.
    const options = { servers: ['a:1', 'b:1', 'c:1'], local: seed % 2 === 1, ...pipeline };
    this.#core = new ClientCore(
      { ...DEFAULT_CLIENT_OPTIONS, ...options },
      { clock: this.#clock, random: this.#random },
    );
    this.#step({ kind: 'tick' });
  }

  get state(): string {
    return this.#core.state;
  }

  run(): void {
    while (this.submitted.length < REQUESTS) this.#faultyTurn();
    // The faults stop: everything must come to its end.
    for (
      let turn = 0;
      turn < 5000 && this.settled.length + this.withdrawn.size < REQUESTS;
      turn++
    ) {
      this.#goodTurn();
    }
  }

  #faultyTurn(): void {
    switch (this.#random.below(9)) {
      case 8:
        if (this.submitted.length === 0) break;
        this.#step({ kind: 'giveUp', tag: this.#random.below(this.submitted.length) });
        break;
      case 0:
      case 1:
        this.#submit(1 + this.#random.below(6));
        break;
      case 2:
        if (this.#link === -1 || this.#random.below(3) > 0) break;
        this.breaks++;
        this.#break();
        break;
      case 3:
        this.#pass(this.#random.below(120));
        break;
      case 4:
        // An old connection may still be served: the server does not know yet that it is broken.
        for (const connection of this.#connections) this.server.take(connection);
        break;
      default:
        this.#exchange(this.#random.below(3));
    }
  }

  #goodTurn(): void {
    this.#exchange(10);
    this.#pass(20);
  }

  #exchange(count: number): void {
    const connection = this.#connections.at(-1);
    if (connection === undefined || this.#link === -1) return;
    for (let i = 0; i < count; i++) this.server.take(connection);
    const replies = connection.outbound.splice(0, this.#random.below(count + 1) + 1);
    if (replies.length > 0) this.#step({ kind: 'received', link: connection.link, replies });
  }

  #submit(count: number): void {
    const submissions = [];
    for (let i = 0; i < count && this.submitted.length < REQUESTS; i++) {
      const tag = this.submitted.length;
      const operation = this.#random.below(2) === 0 ? set(`/${tag}`) : get(`/${tag}`);
      this.submitted.push(operation);
      submissions.push({ tag, operation, revocable: true });
    }
    this.#step({ kind: 'submit', submissions });
  }

  #break(): void {
    const link = this.#link;
    this.#link = -1;
    this.#step({ kind: 'ended', link, end: LOST });
  }

  #pass(ms: number): void {
    this.#clock.nowMs += ms;
    this.#step({ kind: 'tick' });
  }

  #step(event: ClientEvent<number>): void {
    this.#core.step(event, this.#effects);
    const effects = this.#effects;
    const { dial } = effects;
    effects.requests.drain((link, batch) => {
      this.#connections.find((it) => it.link === link)?.inbound.push(...batch);
    });
    for (const link of effects.hangUps) if (link === this.#link) this.#link = -1;
    for (const delivery of effects.deliveries) {
      if (delivery.kind === 'givenUp' && !delivery.wasSent) this.withdrawn.add(delivery.tag);
      if (delivery.kind !== 'settled') continue;
      this.settled.push({ tag: delivery.tag, result: delivery.result });
    }
    effects.clear();
    if (dial === null) return;
    this.#link = ++this.#lastLink;
    this.#connections.push({
      link: this.#link,
      inbound: [],
      outbound: [],
      attempt: 0,
      expected: 0,
      isLocal: false,
    });
    this.#step({ kind: 'connected', link: this.#link });
  }
}

describe('exactly once (P2, P5), whatever breaks', () => {
  const SEEDS = 400;

  it(`holds in ${SEEDS} drawn runs`, () => {
    let breaks = 0;
    let withdrawn = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = new Run(seed);
      run.run();
      check(run, seed);
      breaks += run.breaks;
      withdrawn += run.withdrawn.size;
    }
    // The runs are worth something only if they break connections.
    expect(breaks).toBeGreaterThan(SEEDS);
    expect(withdrawn).toBeGreaterThan(SEEDS);
  });
});

function check(run: Run, seed: number): void {
  const at = `seed ${seed}`;
  const tags = run.submitted.map((_, tag) => tag).filter((tag) => !run.withdrawn.has(tag));
  const wanted = tags.flatMap((tag) => run.submitted[tag] ?? []);
  const writes = wanted.flatMap((it) => (it.kind === 'setData' ? [it.path] : []));
  expect(run.server.applied, at).toEqual(writes);
  expect(
    run.settled.map((it) => it.tag),
    at,
  ).toEqual(tags);
  let written = 0;
  let seen = 0;
  run.settled.forEach(({ tag, result }) => {
    if (run.submitted[tag]?.kind === 'setData') {
      written++;
      expect(result, `${at}, write ${written}`).toMatchObject({
        kind: 'dataSet',
        stat: { version: written },
      });
      return;
    }
    const version = result.kind === 'stat' ? result.stat.version : -1;
    // It sees every earlier write of its session, and never less than the read before it (P3).
    expect(version, `${at}, request ${tag}`).toBeGreaterThanOrEqual(Math.max(written, seen));
    seen = version;
  });
}
