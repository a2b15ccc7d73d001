// Entries a second through the broadcaster's rules alone: propose, append, durable, commit, deliver, applied.
import { DEFAULT_LIMITS, DEFAULT_TIMING, EPOCH_ZERO, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry, Zxid } from '@paddock/model';
import { BroadcasterCore, BroadcasterEffects } from '../src/index.ts';
import type { BroadcasterEvent } from '../src/index.ts';

export interface Measurement {
  readonly name: string;
  readonly operations: number;
  readonly perSecond: number;
}

const PROCESSOR = 1;
const DATABASE = 2;
const SELF = { replica: 1, incarnation: 1 } as const;
const ALONE: EnsembleConfiguration = {
  clusterId: 'bench',
  formatLevel: 1,
  version: 1,
  removed: [],
  members: [{ ...SELF, role: 'voter', address: '' }],
};
const PAYLOAD = new Uint8Array(100);

/** A broadcaster that leads, and its neighbours, which answer at once. */
class Bench {
  readonly #core = new BroadcasterCore(
    {
      self: SELF,
      clusterId: 'bench',
      peers: [],
      role: 'voter',
      databaseAddress: 'bench',
      limits: DEFAULT_LIMITS,
      timing: DEFAULT_TIMING,
    },
    {
      clock: { monotonicMs: () => 0, wallMs: () => 0 },
      random: { below: () => 0, safeInteger: () => 1, bytes: (length) => new Uint8Array(length) },
    },
  );
  readonly #out = new BroadcasterEffects();
  #delivered = 0;
  #counter = 0;

  constructor() {
    this.#step({
      kind: 'recovered',
      history: {
        lastZxid: ZXID_ZERO,
        committed: ZXID_ZERO,
        logStart: ZXID_ZERO,
        epochs: { acceptedEpoch: EPOCH_ZERO, currentEpoch: EPOCH_ZERO },
        epochEnds: [],
        restorations: [],
        configurations: [{ zxid: ZXID_ZERO, configuration: ALONE }],
        base: ZXID_ZERO,
      },
    });
    this.#step({ kind: 'databaseConnected', link: DATABASE });
    const deliver = {
      kind: 'deliver',
      ...SELF,
      applied: ZXID_ZERO,
      snapshot: ZXID_ZERO,
      configuration: new Uint8Array(),
    } as const;
    this.#step({ kind: 'databaseReceived', link: DATABASE, messages: [deliver] });
    this.#step({ kind: 'processorConnected', link: PROCESSOR });
    const offer = { kind: 'offer', processorAddress: 'bench' } as const;
    this.#step({ kind: 'processorReceived', link: PROCESSOR, messages: [offer] });
    this.propose(1);
  }

  get delivered(): number {
    return this.#delivered;
  }

  propose(count: number): void {
    const entries: LogEntry[] = [];
    for (let i = 0; i < count; i++) {
      this.#counter++;
      const kind = this.#counter === 1 ? 'termMarker' : 'data';
      entries.push({ zxid: makeZxid(1, this.#counter), kind, payload: PAYLOAD });
    }
    const { term } = this.#core.status();
    const messages = [{ kind: 'propose', term, entries } as const];
    this.#step({ kind: 'processorReceived', link: PROCESSOR, messages });
  }

  #step(event: BroadcasterEvent): void {
    const out = this.#out;
    this.#core.step(event, out);
    const { writeEpochs } = out;
    const durable = out.append.at(-1)?.zxid;
    const applied = this.#drain();
    out.clear();
    if (writeEpochs !== null) this.#step({ kind: 'epochsWritten', epochs: writeEpochs });
    if (durable !== undefined) this.#step({ kind: 'logDurable', zxid: durable });
    if (applied === ZXID_ZERO) return;
    const messages = [{ kind: 'applied', zxid: applied } as const];
    this.#step({ kind: 'databaseReceived', link: DATABASE, messages });
  }

  #drain(): Zxid {
    let applied = ZXID_ZERO;
    this.#out.processors.drain(() => undefined);
    this.#out.databases.drain((_link, batch) => {
      for (const reply of batch) {
        if (reply.kind !== 'entries') continue;
        this.#delivered += reply.entries.length;
        applied = reply.entries.at(-1)?.zxid ?? applied;
      }
    });
    return applied;
  }
}

function measure(batch: number, operations: number): Measurement {
  const bench = new Bench();
  for (let done = 0; done < operations / 4; done += batch) bench.propose(batch);
  const before = bench.delivered;
  const start = performance.now();
  for (let done = 0; done < operations; done += batch) bench.propose(batch);
  const seconds = (performance.now() - start) / 1000;
  const delivered = bench.delivered - before;
  return {
    name: `broadcaster entries, batches of ${batch}`,
    operations: delivered,
    perSecond: Math.round(delivered / seconds),
  };
}

export function run(): Measurement[] {
  return [measure(1, 200_000), measure(64, 1_000_000), measure(1024, 2_000_000)];
}

if (import.meta.main) {
  for (const it of run()) process.stdout.write(`${it.name}: ${it.perSecond} a second\n`);
}
