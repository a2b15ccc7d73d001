import { addHealth, createGrpcServer, listen, servePublicApi, shutDown } from '@paddock/link-grpc';
import { ZXID_ZERO } from '@paddock/model';
import type { SessionReply, SessionRequest } from '@paddock/model';
import type { Link, LinkHandlers } from '@paddock/ports';
import { addressesOf } from '@paddock/simulator';
import type { SimulatedEnsemble, SimulatedReplica, World } from '@paddock/simulator';

const OUTSIDE = 0;
const CONCURRENT_STREAMS = 10_000;
const SHUT_DOWN_MS = 100;
const GONE = 'the replica is down';

/** A port of the loopback interface behind which a replica's front-end is, whichever life of it. */
export interface LoopbackPort {
  /** host:port. */
  readonly address: string;
  close(): Promise<void>;
}

export async function openLoopbackPort(
  world: World,
  ensemble: SimulatedEnsemble,
  replica: SimulatedReplica,
): Promise<LoopbackPort> {
  const { limits } = world.settings;
  const { number } = replica;
  const messageBytes = limits.linkMessageBytes;
  const server = createGrpcServer({ messageBytes, concurrentStreams: CONCURRENT_STREAMS });
  const process = world.process(`port of replica ${number}`, OUTSIDE, (error) => {
    throw error;
  });
  const dialer = ensemble.networks.clients.dialer(process);
  servePublicApi(server, {
    limits,
    sessions: (link) =>
      joined(link, (handlers) => dialer.dial(addressesOf(number).frontend, handlers)),
    unary: {
      call: (operation, answer) => {
        if (replica.isServing) replica.call(operation, (zxid, result) => answer({ zxid, result }));
        else {
          answer({
            zxid: ZXID_ZERO,
            result: { kind: 'failed', code: 'connectionLoss', reason: GONE },
          });
        }
        return () => undefined;
      },
      watch: (path, from, handlers, _identities, terms) => {
        if (!replica.watch(path, from, handlers, terms)) handlers.ended('connectionLoss', GONE);
        return () => undefined;
      },
    },
  });
  addHealth(server, () => ({ '': replica.isServing ? 'serving' : 'notServing' }));
  const port = await listen(server, '127.0.0.1:0');
  return { address: `127.0.0.1:${port}`, close: () => shutDown(server, SHUT_DOWN_MS) };
}

type Dial = (handlers: LinkHandlers<readonly SessionReply[]>) => Link<SessionRequest[]>;

/** What comes over the real link goes on over a simulated one, and back. */
function joined(outer: Link<SessionReply[]>, dial: Dial): LinkHandlers<SessionRequest[]> {
  const inner = dial({
    received: (replies) => {
      if (!outer.send([...replies])) inner.pause();
    },
    drained: () => outer.resume(),
    ended: (end) => outer.close(end),
  });
  return {
    received: (requests) => {
      if (!inner.send(requests)) outer.pause();
    },
    drained: () => inner.resume(),
    ended: (end) => inner.close(end),
  };
}
