import { STAGES } from '../ensemble/boundaries.ts';
import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import type { StageFault } from './fault-kinds.ts';
import type { FaultSite } from './fault-site.ts';

const HOUR_MS = 3_600_000;
/** Between two replicas of a rolling restart. */
const ROLL_MS = 1500;

/** Processes die, stop and stand still. Returns how long signs of life may be kept from the processor by it. */
export function injectStageFault(kind: StageFault, site: FaultSite): number {
  const { ensemble, random, durationMs, world } = site;
  const replica = ensemble.pick(random);
  const { leader } = ensemble;
  switch (kind) {
    case 'killStage':
    case 'stopStage':
      interrupt(replica, kind === 'stopStage', site);
      break;
    case 'killLeaderStage':
      interrupt(leader, false, site);
      break;
    case 'killBehindWrite':
      killBehindWrite(replica, site);
      break;
    case 'killReplica':
      replica.killAll();
      site.startAll(replica, random.real() * random.pick([50, 3000]));
      break;
    case 'stopReplica':
      replica.stopAll();
      site.startAll(replica, random.real() * random.pick([50, 3000]));
      break;
    case 'killLeader':
      leader.killAll();
      site.startAll(leader, random.real() * random.pick([50, 3000, 8000]));
      break;
    case 'longAbsence':
      return longAbsence(replica, site);
    case 'rollingRestart':
      ensemble.replicas.forEach((each, i) =>
        site.later(i * ROLL_MS, () => {
          each.stopAll();
          site.startAll(each, 500);
        }),
      );
      return ensemble.replicas.length * ROLL_MS;
    case 'pauseStage':
      replica.pause(random.pick(STAGES), durationMs);
      break;
    case 'pauseWriters':
      // Of a replica that is one process this holds up signs of life as well: there it is no such thing.
      if (!replica.isFused) {
        replica.pause(random.pick(['request-processor', 'zab-broadcaster']), durationMs);
      }
      break;
    case 'pauseReplica':
      replica.pauseAll(durationMs);
      break;
    case 'pauseLeader':
      leader.pauseAll(durationMs);
      break;
    case 'jumpWallClock':
      world.wallSkewMs.set(replica.number, random.between(-5, 5) * HOUR_MS);
      break;
  }
  return durationMs;
}

function interrupt(replica: SimulatedReplica, isOrderly: boolean, site: FaultSite): void {
  const { random } = site;
  const name = random.pick(STAGES);
  if (isOrderly) replica.stop(name);
  else replica.kill(name);
  site.startLater(replica, name, random.real() * random.pick([50, 3000]));
}

/** Right behind a write, before its sync. */
function killBehindWrite(replica: SimulatedReplica, site: FaultSite): void {
  const { random } = site;
  const { broadcaster, database } = replica.disks;
  const [disk, name] = random.pick([
    [broadcaster, 'zab-broadcaster'],
    [database, 'replicated-database'],
  ] as const);
  disk.afterNextWrite(() => {
    replica.kill(name);
    site.startLater(replica, name, random.real() * 500);
  });
}

/** So long that the others' logs may not reach back to it. */
function longAbsence(replica: SimulatedReplica, site: FaultSite): number {
  const { random, world } = site;
  const absenceMs = (0.2 + 0.4 * random.real()) * world.settings.workMs;
  replica.killAll();
  world.time.after(absenceMs, () => site.startAll(replica, 200));
  return absenceMs;
}
