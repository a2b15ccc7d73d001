import { LOCAL_BOUNDARIES, REMOTE_BOUNDARIES } from '../ensemble/boundaries.ts';
import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import type { NetworkFault } from './fault-kinds.ts';
import type { FaultSite } from './fault-site.ts';

/** Links break, and what lies between machines lets nothing through, or one way only. */
export function injectNetworkFault(kind: NetworkFault, site: FaultSite): void {
  const { ensemble, random } = site;
  const replica = ensemble.pick(random);
  const other = random.pick(ensemble.replicas);
  switch (kind) {
    case 'cutStages':
    case 'partitionStages':
    case 'stallStages':
      disturbBoundary(kind, replica, site);
      break;
    case 'cutPeers':
      separate(replica, other, false, site);
      break;
    case 'silencePeers':
      separate(replica, other, true, site);
      break;
    case 'splitEnsemble': {
      const shuffled = random.shuffled(ensemble.replicas);
      const [few, many] = [
        shuffled.slice(0, shuffled.length / 2),
        shuffled.slice(shuffled.length / 2),
      ];
      const isSilent = random.chance(0.5);
      for (const one of few) for (const another of many) separate(one, another, isSilent, site);
      break;
    }
    case 'isolateReplica':
      isolate(replica, site);
      break;
    case 'isolateLeader':
      isolate(ensemble.leader, site);
      break;
    case 'hearsNothing':
      for (const each of othersThan(replica, site)) silence(each, replica, site);
      break;
    case 'isNotHeard':
      for (const each of othersThan(replica, site)) silence(replica, each, site);
      break;
    case 'cannotReachLeader': {
      const [follower] = random.shuffled(othersThan(ensemble.leader, site));
      if (follower !== undefined) separate(follower, ensemble.leader, random.chance(0.5), site);
      break;
    }
    case 'swizzle':
      swizzle(site);
      break;
  }
}

function othersThan(replica: SimulatedReplica, { ensemble }: FaultSite): SimulatedReplica[] {
  return ensemble.replicas.filter((it) => it !== replica);
}

function isolate(replica: SimulatedReplica, site: FaultSite): void {
  const isSilent = site.random.chance(0.5);
  for (const each of othersThan(replica, site)) separate(replica, each, isSilent, site);
}

/** A subset is cut off one by one, and comes back in any order. */
function swizzle(site: FaultSite): void {
  const { ensemble, random, durationMs } = site;
  const chosen = random
    .shuffled(ensemble.replicas)
    .slice(0, random.between(1, ensemble.replicas.length));
  chosen.forEach((replica, i) => {
    const forMs = durationMs * (0.3 + 0.7 * random.real());
    const isSilent = random.chance(0.5);
    site.later((i * durationMs) / (3 * chosen.length), () => {
      for (const each of othersThan(replica, site)) {
        separate(replica, each, isSilent, { ...site, durationMs: forMs });
      }
    });
  });
}

/** Both ways: silently, or so that links break and none comes about. */
function separate(
  one: SimulatedReplica,
  other: SimulatedReplica,
  isSilent: boolean,
  site: FaultSite,
): void {
  if (one === other) return;
  if (isSilent) {
    silence(one, other, site);
    silence(other, one, site);
    return;
  }
  const { ensemble, durationMs } = site;
  ensemble.networks.part(one.number, other.number, durationMs);
  cannotReach(one, other, site);
}

function silence(from: SimulatedReplica, to: SimulatedReplica, site: FaultSite): void {
  site.ensemble.networks.silence(from.number, to.number, site.durationMs);
  cannotReach(from, to, site);
}

/** Either may be where the leader is, and the front-end of the other one does not reach it then. */
function cannotReach(
  one: SimulatedReplica,
  other: SimulatedReplica,
  { world, durationMs }: FaultSite,
): void {
  const { history, time, trace } = world;
  trace.tell(
    'network',
    `${one.number} and ${other.number} do not reach each other for ${durationMs} ms`,
  );
  const from = time.nowMs;
  for (const { number } of [one, other]) {
    history.frontendAbsences.push({ replica: number, from, to: from + durationMs });
  }
}

/** One boundary alone, within a replica or between two. */
function disturbBoundary(
  kind: 'cutStages' | 'partitionStages' | 'stallStages',
  replica: SimulatedReplica,
  { ensemble, random, durationMs, world }: FaultSite,
): void {
  const other = random.chance(0.5) ? replica : random.pick(ensemble.replicas);
  const boundary =
    other === replica ? random.pick(LOCAL_BOUNDARIES) : random.pick(REMOTE_BOUNDARIES);
  if (other === replica && replica.isFused) return;
  const network = ensemble.networks[boundary];
  world.trace.tell('network', `${kind}: ${boundary} between ${replica.number} and ${other.number}`);
  if (kind === 'cutStages') network.cut(replica.number, other.number, 0);
  else if (kind === 'partitionStages') network.cut(replica.number, other.number, durationMs);
  else network.silence(replica.number, other.number, durationMs);
}
