import { formatZxid } from '@paddock/model';
import type {
  ElectionReply,
  ElectionRequest,
  EnsembleConfiguration,
  LeaderMessage,
  LearnerMessage,
  Limits,
  LogEntry,
  MembersAnswer,
  Timing,
  Zxid,
} from '@paddock/model';
import type { BroadcasterEffects, PeerMember } from '../../src/index.ts';
import { SimulatedBroadcaster } from './simulated-broadcaster.ts';
import { emptyDisks } from './simulated-disks.ts';
import type { Disks } from './simulated-disks.ts';
import { LinkPair, SimulatedLinks } from './simulated-links.ts';
import { Chance, SimulatedTime } from './simulated-time.ts';

export interface EnsembleSettings {
  readonly voters: number;
  readonly observers?: number;
  readonly limits?: Partial<Limits>;
  readonly timing?: Partial<Timing>;
  readonly lastCounter?: number;
  readonly delayMs?: number;
  readonly diskMs?: number;
}

/** What is held of a link at one of its ends. */
interface Dialled<Up, Down> {
  readonly pair: LinkPair<Up, Down>;
  readonly to: number;
}

/** A whole ensemble of broadcaster cores in virtual time; one seed is one run. */
export class SimulatedEnsemble {
  readonly time = new SimulatedTime();
  readonly chance: Chance;
  readonly links: SimulatedLinks;
  readonly diskMs: number;
  readonly violations: string[] = [];
  /** By zxid: what any database has applied, and what a processor has proposed. */
  readonly history = new Map<Zxid, LogEntry>();
  /** What operators were answered, and how often. */
  readonly answers = new Map<string, number>();
  readonly leaders = new Map<number, number>();
  print: (line: string) => void = () => undefined;
  readonly #settings: EnsembleSettings;
  readonly #peers: PeerMember[] = [];
  readonly #running = new Map<number, SimulatedBroadcaster>();
  readonly #disks = new Map<number, Disks>();
  readonly #electors = new Map<string, Dialled<ElectionRequest[], ElectionReply[]>>();
  readonly #leaderLinks = new Map<string, Dialled<LearnerMessage[], LeaderMessage[]>>();
  readonly #candidates = new Map<string, LinkPair<ElectionRequest[], ElectionReply[]>>();
  readonly #learners = new Map<string, LinkPair<LearnerMessage[], LeaderMessage[]>>();
  readonly #wakes = new Map<number, number>();
  #numbers = 0;
  #incarnations = 0;
  #proposals = 0;

  constructor(seed: number, settings: EnsembleSettings) {
    this.chance = new Chance(seed);
    this.#settings = settings;
    this.diskMs = settings.diskMs ?? 4;
    this.links = new SimulatedLinks(this.time, this.chance, settings.delayMs ?? 2);
    for (let replica = 1; replica <= settings.voters + (settings.observers ?? 0); replica++) {
      const role = replica <= settings.voters ? 'voter' : 'observer';
      this.#peers.push({ replica, address: `broadcaster ${replica}`, role });
    }
  }

  get replicas(): readonly number[] {
    return this.#peers.map((it) => it.replica);
  }

  /** Listed as voters by everybody's file. */
  get founders(): readonly number[] {
    return this.#peers.filter((it) => it.role === 'voter').map((it) => it.replica);
  }

  get running(): readonly SimulatedBroadcaster[] {
    return [...this.#running.values()];
  }

  get leader(): SimulatedBroadcaster | undefined {
    let found: SimulatedBroadcaster | undefined;
    for (const it of this.running) {
      const { role, phase, epoch } = it.core.status();
      if (role !== 'leader' || phase !== 'broadcast') continue;
      if (found === undefined || epoch > found.core.status().epoch) found = it;
    }
    return found;
  }

  find(replica: number): SimulatedBroadcaster | undefined {
    return this.#running.get(replica);
  }

  /** Also of one that is down; undefined where they were taken. */
  disksOf(replica: number): Disks | undefined {
    return this.#disks.get(replica);
  }

  replicaAt(address: string): SimulatedBroadcaster | undefined {
    return this.#running.get(Number(address.split(' ')[1]));
  }

  start(replica: number): void {
    if (this.#running.has(replica)) return;
    let disks = this.#disks.get(replica);
    if (disks === undefined) {
      disks = emptyDisks(++this.#incarnations, this.#unformed());
      this.#disks.set(replica, disks);
    }
    const settings = this.#settings;
    this.print(`${this.time.nowMs.toFixed(1)} replica ${replica} starts`);
    const started = new SimulatedBroadcaster(replica, disks, this.#peers, this, settings);
    this.#running.set(replica, started);
  }

  startAll(): void {
    for (const replica of this.replicas) this.start(replica);
  }

  kill(replica: number): void {
    const it = this.#running.get(replica);
    if (it === undefined) return;
    this.print(`${this.time.nowMs.toFixed(1)} replica ${replica} is killed`);
    it.kill();
    this.#running.delete(replica);
    this.breakLinks((from, to) => from === replica || to === replica);
    // Of its own ends nobody hears any more.
    for (const links of [this.#electors, this.#leaderLinks]) {
      for (const key of [...links.keys()]) {
        if (key.startsWith(`${replica}/`)) links.delete(key);
      }
    }
  }

  /** All of its disks go: it is another voter from here on. */
  wipe(replica: number): void {
    this.kill(replica);
    this.#disks.delete(replica);
  }

  /** It was told to stop for good; its operator has it learn again, with empty disks. */
  removed(replica: number): void {
    this.print(`${this.time.nowMs.toFixed(1)} replica ${replica} was removed`);
    this.#count('removed');
    this.wipe(replica);
    this.time.after(this.chance.real() * 3000, () => this.start(replica));
  }

  answered(from: SimulatedBroadcaster, answer: MembersAnswer): void {
    const what = answer.kind === 'refused' ? answer.code : answer.kind;
    this.print(`${this.time.nowMs.toFixed(1)} [${from.replica}] answers ${what}`);
    this.#count(what);
  }

  #count(what: string): void {
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
  }

  breakLinks(which: (from: number, to: number) => boolean): void {
    for (const links of [this.#electors, this.#leaderLinks]) {
      for (const [key, { pair, to }] of links) {
        const from = Number(key.split('/')[0]);
        if (which(from, to)) pair.end();
      }
    }
  }

  violated(what: string): void {
    this.print(`${this.time.nowMs.toFixed(1)} VIOLATED ${what}`);
    this.violations.push(what);
  }

  /** Payload of a new proposal: no two are the same. */
  proposed(_zxid: Zxid): Uint8Array {
    return new TextEncoder().encode(`proposal ${++this.#proposals}`);
  }

  /** Agreement, total order and integrity: at one zxid all databases apply the same. */
  applied(at: SimulatedBroadcaster, entry: LogEntry): void {
    const before = this.history.get(entry.zxid);
    if (before === undefined) this.history.set(entry.zxid, entry);
    else if (before.kind !== entry.kind || !sameBytes(before.payload, entry.payload)) {
      this.violated(`${formatZxid(entry.zxid)} differs at replica ${at.replica}`);
    }
  }

  /** Does what concerns other replicas. */
  carry(from: SimulatedBroadcaster, out: BroadcasterEffects): void {
    const { replica } = from;
    for (const { message, epoch, zxid, detail } of out.events) {
      const at = zxid === undefined ? '' : ` @${formatZxid(zxid)}`;
      const words = `${message}${epoch === undefined ? '' : ` epoch ${epoch}`}${at}`;
      this.print(
        `${this.time.nowMs.toFixed(1)} [${replica}] ${words} ${JSON.stringify(detail ?? {})}`,
      );
    }
    if (out.events.length > 0) this.#checkLeadership(from);
    if (out.closeLeader !== null) {
      this.#leaderLinks.get(`${replica}/${out.closeLeader.link}`)?.pair.end();
    }
    if (out.dialLeader !== null) this.#dialLeader(from, out.dialLeader);
    if (out.dialElectors !== null) {
      for (const peer of out.dialElectors) this.#dialElector(from, peer.replica);
    }
    out.electors.drain((to, batch) => this.#electors.get(`${replica}/${to}`)?.pair.sendUp(batch));
    out.candidates.drain((link, batch) =>
      this.#candidates.get(`${replica}/${link}`)?.sendDown(batch),
    );
    out.leader.drain((link, batch) =>
      this.#leaderLinks.get(`${replica}/${link}`)?.pair.sendUp(batch),
    );
    out.learners.drain((link, batch) => this.#learners.get(`${replica}/${link}`)?.sendDown(batch));
    for (const { link } of out.closeLearners) this.#learners.get(`${replica}/${link}`)?.end();
    this.#wake(from, out.wakeAtMs);
  }

  /** Leadership: an epoch has one established leader. */
  #checkLeadership({ core, replica }: SimulatedBroadcaster): void {
    const { role, phase, epoch } = core.status();
    if (role !== 'leader' || phase !== 'broadcast') return;
    const known = this.leaders.get(epoch);
    if (known === undefined) this.leaders.set(epoch, replica);
    else if (known !== replica) this.violated(`epoch ${epoch} has two leaders`);
  }

  #wake(it: SimulatedBroadcaster, atMs: number): void {
    if (atMs === Infinity || this.#wakes.get(it.replica) === atMs) return;
    this.#wakes.set(it.replica, atMs);
    this.time.after(Math.max(0.05, atMs - this.time.nowMs), () => {
      if (this.#wakes.get(it.replica) === atMs) this.#wakes.delete(it.replica);
      it.take({ kind: 'tick' });
    });
  }

  #dialElector(from: SimulatedBroadcaster, to: number): void {
    const key = `${from.replica}/${to}`;
    if (!from.isAlive || this.#electors.has(key)) return;
    const pair = new LinkPair<ElectionRequest[], ElectionReply[]>(this.links, from.replica, to);
    this.#electors.set(key, { pair, to });
    pair.down.handlers = {
      received: (messages) => from.take({ kind: 'electorReceived', replica: to, messages }),
      ended: (end) => {
        if (this.#electors.get(key)?.pair === pair) this.#electors.delete(key);
        from.take({ kind: 'electorEnded', replica: to, end });
        this.time.after(50 + this.chance.below(100), () => this.#dialElector(from, to));
      },
    };
    this.time.after(0.1, () => from.take({ kind: 'electorConnected', replica: to }));
    this.#accept(to, pair, (other) => {
      const link = ++this.#numbers;
      const numbered = `${to}/${link}`;
      this.#candidates.set(numbered, pair);
      other.take({ kind: 'candidateConnected', link });
      pair.up.handlers = {
        received: (messages) => other.take({ kind: 'candidateReceived', link, messages }),
        ended: (end) => {
          this.#candidates.delete(numbered);
          other.take({ kind: 'candidateEnded', link, end });
        },
      };
    });
  }

  #dialLeader(
    from: SimulatedBroadcaster,
    { link: dialled, address }: { readonly link: number; readonly address: string },
  ): void {
    const to = Number(address.split(' ')[1]);
    const key = `${from.replica}/${dialled}`;
    const pair = new LinkPair<LearnerMessage[], LeaderMessage[]>(this.links, from.replica, to);
    this.#leaderLinks.set(key, { pair, to });
    pair.down.handlers = {
      received: (messages) => from.take({ kind: 'leaderReceived', link: dialled, messages }),
      ended: (end) => {
        if (this.#leaderLinks.get(key)?.pair === pair) this.#leaderLinks.delete(key);
        from.take({ kind: 'leaderEnded', link: dialled, end });
      },
    };
    this.time.after(0.1, () => from.take({ kind: 'leaderConnected', link: dialled }));
    this.#accept(to, pair, (other) => {
      const link = ++this.#numbers;
      const numbered = `${to}/${link}`;
      this.#learners.set(numbered, pair);
      other.take({ kind: 'learnerConnected', link });
      pair.up.handlers = {
        received: (messages) => other.take({ kind: 'learnerReceived', link, messages }),
        ended: (end) => {
          this.#learners.delete(numbered);
          other.take({ kind: 'learnerEnded', link, end });
        },
      };
    });
  }

  /** The first thing on its way up: whoever is alive there takes the link, else it is refused. */
  #accept<Up, Down>(
    to: number,
    pair: LinkPair<Up, Down>,
    accept: (other: SimulatedBroadcaster) => void,
  ): void {
    this.links.carry(pair.up, () => {
      const other = this.#running.get(to);
      if (other === undefined) pair.end({ cause: 'lost', reason: 'nobody listens' });
      else accept(other);
    });
  }

  #unformed(): EnsembleConfiguration {
    return {
      clusterId: '',
      formatLevel: 1,
      version: 1,
      removed: [],
      members: this.#peers
        .filter((it) => it.role === 'voter')
        .map(({ replica, address, role }) => ({ replica, address, role, incarnation: 0 })),
    };
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
