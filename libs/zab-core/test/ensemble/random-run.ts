import { formatZxid } from '@paddock/model';
import { changeMembers, transferLeadership } from './random-changes.ts';
import { isListed } from './simulated-disks.ts';
import { SimulatedEnsemble } from './simulated-ensemble.ts';

/** Nothing may stand still for so long without a fault; small windows over a slow network take longer to fill. */
const STANDSTILL_MS = 60_000;

export interface RandomRun {
  readonly ensemble: SimulatedEnsemble;
  readonly faults: ReadonlyMap<string, number>;
}

export interface RandomRunOptions {
  readonly print?: ((line: string) => void) | undefined;
  /** Members come, go, rise and fall besides, and leadership is handed over. */
  readonly members?: boolean;
}

/** Half a minute of faults and writes; then, without faults, everybody must come to the same. */
export function randomRun(seed: number, options: RandomRunOptions = {}): RandomRun {
  const { print, members = false } = options;
  const draw = new SimulatedEnsemble(seed ^ 0x5eed, { voters: 1 }).chance;
  const voters = draw.pick(members ? [3, 3, 5] : [1, 3, 3, 3, 5]) ?? 3;
  const tiny = draw.real() < 0.5;
  const ensemble = new SimulatedEnsemble(seed, {
    voters,
    observers: draw.real() < 0.3 || members ? 1 : 0,
    delayMs: draw.pick([0.5, 5, 40]) ?? 1,
    diskMs: draw.pick([0.5, 5, 50]) ?? 1,
    ...(draw.real() < 0.2 ? { lastCounter: 5 + draw.below(60) } : {}),
    limits: tiny
      ? {
          batchOperations: 1 + draw.below(5),
          queueBytes: 400 + draw.below(4000),
          deliveryWindowBytes: 400,
        }
      : {},
  });
  if (print !== undefined) ensemble.print = print;
  const faults = new Map<string, number>();
  const lively = Object.entries(FAULTS).filter(() => draw.real() < 0.5);
  if (members) lively.push(...Object.entries(CHANGES), ...Object.entries(CHANGES));
  ensemble.startAll();
  const count = members ? 25 : draw.below(25);
  for (let i = 0; i < count; i++) {
    const fault = draw.pick(lively);
    if (fault === undefined) break;
    ensemble.time.after(draw.real() * 30_000, () => {
      if (isOver) return;
      faults.set(fault[0], (faults.get(fault[0]) ?? 0) + 1);
      ensemble.print(`${ensemble.time.nowMs.toFixed(1)} FAULT ${fault[0]}`);
      fault[1](ensemble);
    });
  }
  let isOver = false;
  const everyMs = draw.pick([5, 50, 500]) ?? 50;
  const most = draw.pick([1, 10, 100]) ?? 1;
  const snapshots = draw.pick([200, 2000, 20_000]) ?? 2000;
  const work = (): void => {
    if (isOver) return;
    for (const it of ensemble.running) it.propose(1 + ensemble.chance.below(most));
    ensemble.time.after(ensemble.chance.real() * everyMs, work);
  };
  const snap = (): void => {
    if (isOver) return;
    ensemble.chance.pick(ensemble.running)?.takeSnapshot();
    ensemble.time.after(ensemble.chance.real() * snapshots, snap);
  };
  work();
  snap();
  ensemble.time.run(30_000);
  isOver = true;
  ensemble.print(`${ensemble.time.nowMs.toFixed(1)} nothing breaks any more`);
  ensemble.links.heal();
  ensemble.startAll();
  recover(ensemble);
  return { ensemble, faults };
}

function recover(ensemble: SimulatedEnsemble): void {
  if (!becomesEqual(ensemble)) {
    ensemble.violated(`not equal in time: ${ensemble.running.map(describeReplica).join('; ')}`);
    return;
  }
  // Once more with writes, so that the new term is used.
  ensemble.leader?.propose(3);
  ensemble.time.run(ensemble.time.nowMs + 200);
  if (!becomesEqual(ensemble)) ensemble.violated('not equal after three more writes');
  const { leader } = ensemble;
  if (leader === undefined) return;
  const final = new Set(leader.applied.map((it) => it.zxid));
  for (const zxid of ensemble.history.keys()) {
    if (!final.has(zxid)) ensemble.violated(`${formatZxid(zxid)} was applied, and is lost`);
  }
}

function becomesEqual(ensemble: SimulatedEnsemble): boolean {
  for (let before = -1; ;) {
    const now = ensemble.running.reduce(
      (sum, it) => sum + it.applied.length + it.disks.log.length,
      0,
    );
    if (now === before) return false;
    before = now;
    if (ensemble.time.run(ensemble.time.nowMs + STANDSTILL_MS, () => isEqual(ensemble))) {
      return true;
    }
  }
}

function isEqual(ensemble: SimulatedEnsemble): boolean {
  const { leader } = ensemble;
  if (leader === undefined || ensemble.running.length < ensemble.replicas.length) return false;
  const { committed, lastProposed, term } = leader.core.status();
  return (
    term > 0 &&
    committed === lastProposed &&
    ensemble.running.every(
      (it) =>
        it.lastApplied === committed &&
        it.applied.length === leader.applied.length &&
        it.core.status().role !== 'looking',
    )
  );
}

function describeReplica(it: SimulatedEnsemble['running'][number]): string {
  const { role, phase, epoch, acceptedEpoch, lastProposed, committed, mayNotStand, databases } =
    it.core.status();
  return (
    `${it.replica}: ${role} ${phase} ${epoch}/${acceptedEpoch} last ${formatZxid(lastProposed)} committed ` +
    `${formatZxid(committed)} applied ${formatZxid(it.lastApplied)} [${databases.map((each) => each.state).join()}] ` +
    (mayNotStand ?? '')
  );
}

type Fault = (ensemble: SimulatedEnsemble) => void;

const later = (ensemble: SimulatedEnsemble, mostMs: number, run: () => void): void =>
  ensemble.time.after(ensemble.chance.real() * mostMs, run);

function someReplica(ensemble: SimulatedEnsemble): number {
  const leader = ensemble.leader?.replica;
  if (leader !== undefined && ensemble.chance.real() < 0.4) return leader;
  return ensemble.chance.pick(ensemble.replicas) ?? 1;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  kill(ensemble) {
    const replica = someReplica(ensemble);
    ensemble.kill(replica);
    later(ensemble, ensemble.chance.pick([50, 5000]) ?? 50, () => ensemble.start(replica));
  },
  powerCut(ensemble) {
    for (const replica of ensemble.replicas) {
      if (ensemble.chance.real() < 0.2) continue;
      ensemble.kill(replica);
      later(ensemble, 3000, () => ensemble.start(replica));
    }
  },
  wipe(ensemble) {
    // One of three disks may be lost for good, and only while the others have theirs.
    if (ensemble.replicas.length < 3 || ensemble.leader === undefined) return;
    const { configuration } = ensemble.leader;
    const replica = someReplica(ensemble);
    const known = configuration?.members.find((it) => it.replica === replica)?.incarnation;
    const present = ensemble.find(replica)?.disks.incarnation;
    if (ensemble.running.length < ensemble.replicas.length || known !== present) return;
    const voters = configuration?.members.filter((it) => it.role === 'voter') ?? [];
    const others = voters.every((it) => {
      const disks = ensemble.find(it.replica)?.disks;
      return disks !== undefined && isListed(disks, it.replica, it.incarnation);
    });
    if (!others || voters.length < 3 || ensemble.leader.isChanging) return;
    ensemble.wipe(replica);
    later(ensemble, 3000, () => ensemble.start(replica));
  },
  isolate(ensemble) {
    const replica = someReplica(ensemble);
    for (const other of ensemble.replicas) {
      if (other === replica) continue;
      ensemble.links.block(replica, other);
      ensemble.links.block(other, replica);
    }
    later(ensemble, 8000, () => ensemble.links.heal());
  },
  oneWay(ensemble) {
    const from = someReplica(ensemble);
    for (const to of ensemble.replicas) {
      if (to !== from && ensemble.chance.real() < 0.6) ensemble.links.block(from, to);
    }
    later(ensemble, 8000, () => ensemble.links.heal());
  },
  partial(ensemble) {
    const a = someReplica(ensemble);
    const b = someReplica(ensemble);
    if (a === b) return;
    ensemble.links.block(a, b);
    ensemble.links.block(b, a);
    later(ensemble, 8000, () => ensemble.links.heal());
  },
  breakLinks(ensemble) {
    const share = ensemble.chance.real();
    ensemble.breakLinks(() => ensemble.chance.real() < share);
  },
  pause(ensemble) {
    ensemble.find(someReplica(ensemble))?.pause(ensemble.chance.real() * 6000);
  },
  restartDatabase: (ensemble) => ensemble.find(someReplica(ensemble))?.restartDatabase(),
  restartProcessor: (ensemble) => ensemble.find(someReplica(ensemble))?.restartProcessor(),
};

const CHANGES: Readonly<Record<string, Fault>> = { changeMembers, transferLeadership };
