import { ZXID_ZERO } from '@paddock/model';
import type { SnapshotRequest, Zxid } from '@paddock/model';
import { Restoration } from '@paddock/tree-core';
import { zxidOfName } from '@paddock/txn-log';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';
import { BackupTaking } from './backup-taking.ts';
import type { FaultSite } from './fault-site.ts';

/** So long an operator waits for an answer before asking anew. */
const PATIENCE_MS = 3000;
const CLOCK = { monotonicMs: () => 0, wallMs: () => 0 };

interface Backup {
  readonly name: string;
  readonly requests: SnapshotRequest[];
}

/**
 * Takes a backup of the ensemble, and some time later brings the ensemble back to it, as an operator does: asking again
 * until it is done. Then it may be that one replica loses what it would have to replay that with.
 */
export class BackupRequests {
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  #hasLost = false;

  constructor(world: World, ensemble: SimulatedEnsemble) {
    this.#world = world;
    this.#ensemble = ensemble;
  }

  restore(site: FaultSite): void {
    if (this.#isDoubtful) return;
    const { random } = site;
    const atLeast = random.chance(0.5) ? ZXID_ZERO : this.#world.log.last;
    let taken: Backup | null = null;
    const replica = random.pick(this.#ensemble.replicas);
    const take = new BackupTaking((chunks, zxid) => {
      taken = this.#named(chunks, zxid, random);
      if (taken === null) return;
      const backup = taken;
      this.#tell(backup, `is taken from replica ${replica.number}`);
      site.later(random.real() * random.pick([500, 3000, 10_000]), () => this.#bring(site, backup));
    });
    replica.askDatabase([{ kind: 'fetch', atLeast }], (reply) => take.received(reply));
    site.later(PATIENCE_MS, () => {
      take.stop();
      if (taken === null) this.restore(site);
    });
  }

  /** What was never committed is nothing to go back to. */
  get #isDoubtful(): boolean {
    const { rottenMemory } = this.#ensemble.networks;
    return rottenMemory.isPlanned || this.#world.history.rotten.length > 0;
  }

  #bring(site: FaultSite, backup: Backup): void {
    if (this.#isDoubtful || this.#isRestored(backup)) return;
    const { leader } = this.#ensemble;
    this.#tell(backup, `is brought to replica ${leader.number}`);
    leader.askDatabase(backup.requests, (reply) => {
      // Its broadcaster hears of it on a link of its own.
      if (reply.kind === 'backupHeld') this.#world.time.after(200, () => this.#ask(site, backup));
    });
    site.later(PATIENCE_MS, () => this.#bring(site, backup));
  }

  #ask(site: FaultSite, backup: Backup): void {
    const { history } = this.#world;
    const record = history.restorations.get(backup.name) ?? {
      asked: history.moment(),
      answered: null,
    };
    history.restorations.set(backup.name, record);
    this.#ensemble.leader.askMembers({ kind: 'restore', backup: backup.name }, (answer) => {
      const isRefused = answer.kind === 'refused';
      if (answer.kind === 'restored') record.answered = history.moment();
      this.#tell(backup, isRefused ? `${answer.code}, ${answer.reason}` : answer.kind);
      this.#world.count(`backup: ${isRefused ? answer.code : answer.kind}`);
      if (answer.kind === 'restored' && site.random.chance(0.5)) this.#lose(site, answer.zxid);
    });
  }

  #isRestored({ name }: Backup): boolean {
    return this.#world.log.entries.some((it) => it.backup === name);
  }

  /** Once a run, so that another replica has a snapshot of it: this one must replay the entry, and cannot. */
  #lose(site: FaultSite, restored: Zxid): void {
    const { replicas, leader } = this.#ensemble;
    if (this.#hasLost || replicas.length < 3) return;
    this.#hasLost = true;
    const { random } = site;
    const [first, ...others] = replicas.filter((it) => it !== leader);
    if (first === undefined) return;
    const replica = random.pick([first, ...others]);
    const { configuration } = this.#world.log;
    site.later(random.real() * 3000, () => {
      // Of the one voter that is left nobody else could have what is lost.
      if (replica === this.#ensemble.leader) return;
      if (configuration !== this.#world.log.configuration) return;
      replica.lacksBackup = true;
      replica.kill('replicated-database');
      for (const file of replica.disks.database.list()) {
        const isSnapshot = (zxidOfName(file) ?? ZXID_ZERO) >= restored;
        if (isSnapshot || /^(?:backup|restored)\./u.test(file)) replica.disks.database.lose(file);
      }
      this.#world.count('a restored backup was lost');
      site.startAll(replica, 500);
    });
  }

  /** Null where it is not whole. */
  #named(chunks: readonly Uint8Array[], zxid: Zxid, random: SeededRandom): Backup | null {
    const { limits, timing } = this.#world.settings;
    const { unusedContainerMs } = timing;
    const chunkBytes = limits.linkMessageBytes / 4;
    const restoration = new Restoration({ unusedContainerMs, chunkBytes }, CLOCK);
    for (const chunk of chunks) if (restoration.add(chunk) !== null) return null;
    if (restoration.loaded(zxid) !== null) return null;
    const name = restoration.name(random.below(2 ** 31).toString(16));
    return {
      name,
      requests: [
        { kind: 'offerBackup', backup: name },
        ...chunks.map((chunk) => ({ kind: 'backupChunk', chunk }) as const),
        { kind: 'backupEnds', chunks: chunks.length },
      ],
    };
  }

  #tell({ name }: Backup, what: string): void {
    this.#world.trace.tell('operator', `backup ${name}: ${what}`);
  }
}
