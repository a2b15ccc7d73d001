import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import type { DiskFault, PowerFault } from './fault-kinds.ts';
import type { FaultSite } from './fault-site.ts';

export function injectPowerFault(kind: PowerFault, site: FaultSite): void {
  const { ensemble, random } = site;
  const replica = ensemble.pick(random);
  switch (kind) {
    case 'powerCut':
      site.powerCut(replica);
      break;
    case 'powerCutMajority': {
      const majority = Math.floor(ensemble.voters.length / 2) + 1;
      for (const each of random.shuffled(ensemble.voters).slice(0, majority)) site.powerCut(each);
      break;
    }
    case 'powerCutAll':
      for (const each of ensemble.replicas) site.powerCut(each);
      break;
    case 'powerCutInStep': {
      const { broadcaster, database } = replica.disks;
      random.pick([broadcaster, database]).crashWithin(random.below(25));
      break;
    }
  }
}

export function injectDiskFault(kind: DiskFault, site: FaultSite): void {
  const { ensemble, random, durationMs, world } = site;
  const replica = ensemble.pick(random);
  const { broadcaster, database } = replica.disks;
  const disk = random.pick([broadcaster, broadcaster, database]);
  switch (kind) {
    case 'stallDisk':
      disk.stall(durationMs);
      break;
    case 'slowDisk':
      disk.slow(durationMs);
      break;
    case 'failDisk':
      disk.failNext(random.pick(['write', 'sync']), random.pick(['failed', 'full']));
      break;
    case 'rotSnapshot':
      rotSnapshot(replica, site);
      break;
    case 'wipeDisk':
      wipe(replica, site);
      break;
    case 'rotMemory':
      // One at a time: a majority knows better.
      if (ensemble.voters.length < 3 || ensemble.networks.rottenMemory.isPlanned) break;
      // And no majority of few.
      if (site.members.hasAsked) break;
      ensemble.networks.rottenMemory.rotNext(replica.number);
      world.trace.tell(`replica ${replica.number}`, 'has bad memory from now on');
      break;
  }
}

/**
 * P6 speaks of a majority of the voters' disks: a voter's disk is taken only while all others are what the
 * configuration lists, and at most a minority of them are away meanwhile.
 */
function wipe(replica: SimulatedReplica, site: FaultSite): void {
  const { ensemble } = site;
  const { voters } = ensemble;
  const isVoter = voters.includes(replica);
  if (isVoter && (voters.length < 3 || !voters.every((it) => ensemble.isAdmitted(it)))) return;
  if (isVoter && site.members.hasAsked) {
    site.members.ifSettled(() => replaceDisks(replica, site));
    return;
  }
  replaceDisks(replica, site);
}

function replaceDisks(replica: SimulatedReplica, site: FaultSite): void {
  const { ensemble, random, world } = site;
  // What it fetched from a database that is wrong would make that a majority.
  if (ensemble.networks.rottenMemory.isPlanned) return;
  world.count('a disk was replaced');
  replica.wipe();
  site.startAll(replica, random.real() * random.pick([50, 3000]));
}

/** The newest snapshot, where there is another to start from; it is found out at the next start. */
function rotSnapshot(replica: SimulatedReplica, site: FaultSite): void {
  const { ensemble, world } = site;
  const disk = replica.disks.database;
  if (disk.hasRotten || world.settings.limits.snapshotsKept === 1) return;
  const [newest, older] = disk.list().filter(isSnapshot).toReversed();
  if (newest === undefined) return;
  if (older === undefined && ensemble.replicas.length === 1) return;
  replica.kill('replicated-database');
  disk.rot(newest);
  world.count('a snapshot rotted');
  site.startAll(replica, 500);
}

function isSnapshot(name: string): boolean {
  return /^snapshot\.[0-9a-f]+\.[0-9a-f]+$/.test(name);
}
