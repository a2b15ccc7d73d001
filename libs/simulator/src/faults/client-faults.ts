import { OUTSIDE } from '../kernel/network-conditions.ts';
import type { ClientFault } from './fault-kinds.ts';
import type { FaultSite } from './fault-site.ts';

/** Between clients and the front-ends. */
export function injectClientFault(kind: ClientFault, site: FaultSite): void {
  const { ensemble, users, random, durationMs, world } = site;
  const { history, time } = world;
  const user = users[random.below(users.length)];
  const { number: replica } = random.pick(ensemble.replicas);
  const { clients } = ensemble.networks;
  switch (kind) {
    case 'cutClient':
      user?.client?.cut();
      break;
    case 'cutClients':
      clients.cut(OUTSIDE, replica, random.chance(0.5) ? 0 : durationMs);
      break;
    case 'stallClients':
      history.clientStalls.push({ replica, from: time.nowMs, to: time.nowMs + durationMs });
      clients.silence(OUTSIDE, replica, durationMs);
      clients.silence(replica, OUTSIDE, durationMs);
      break;
    case 'silenceClient':
      user?.client?.pause(durationMs);
      break;
  }
}
