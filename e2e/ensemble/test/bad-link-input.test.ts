import { status } from '@grpc/grpc-js';
import {
  DatabaseBroadcasterService,
  FrontendDatabaseService,
  FrontendProcessorService,
  ProcessorBroadcasterService,
  ProcessorDatabaseService,
} from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawGrpc } from '../src/raw-grpc.ts';
import { RawCall, RawSocket } from '../src/raw-socket.ts';
import { CONNECTIONS, GARBAGE, Victim } from '../src/victim.ts';

const MIB = 1024 * 1024;
const OK: number = status.OK;

describe('bad input on the links between stages:', () => {
  const LINKS = [
    { endpoint: 'requestProcessor', method: FrontendProcessorService.link },
    { endpoint: 'replicatedDatabase', method: FrontendDatabaseService.link },
    { endpoint: 'replicatedDatabase', method: ProcessorDatabaseService.link },
    { endpoint: 'zabBroadcaster', method: ProcessorBroadcasterService.link },
    { endpoint: 'zabBroadcaster', method: DatabaseBroadcasterService.link },
  ] as const;
  let victim: Victim;

  beforeAll(async () => {
    victim = await Victim.start('split');
  });

  afterAll(() => victim.stop());

  it.each(['requestProcessor', 'replicatedDatabase', 'zabBroadcaster'])(
    'connections that are no calls, to %s',
    async (endpoint) => {
      const address = victim.endpoint(endpoint);
      const sockets = await Promise.all(
        CONNECTIONS.flatMap(([, bytes]) =>
          Array.from({ length: 20 }, () => RawSocket.open(address, bytes)),
        ),
      );
      await victim.expectWell();
      for (const socket of sockets) socket.destroy();
    },
  );

  it.each(LINKS)('to $endpoint, by $method.path', async ({ endpoint, method }) => {
    const address = victim.endpoint(endpoint);
    const stalled = new RawCall(address, method.path);
    stalled.write(1000, GARBAGE.subarray(0, 10));
    const grpc = new RawGrpc(address);
    const kindless = Uint8Array.from([0x0a, 0]);
    for (const [bytes, code] of [
      [GARBAGE, status.INVALID_ARGUMENT],
      [kindless, status.INVALID_ARGUMENT],
      [new Uint8Array(5 * MIB), status.RESOURCE_EXHAUSTED],
      [new Uint8Array(50 * MIB), status.RESOURCE_EXHAUSTED],
    ] as const) {
      const stream = grpc.bidiBytes(method.path);
      stream.sendBytes(bytes);
      const end = await stream.ended();
      // The replica's own processor dials again at once, and may have been let in before all was read.
      const isReplaced = method === ProcessorBroadcasterService.link && end.code === OK;
      if (!isReplaced) expect(end).toMatchObject({ code });
      await victim.expectWell();
    }
    const silent = grpc.bidiBytes(method.path);
    silent.sendBytes(new Uint8Array());
    await victim.expectWell();
    silent.cancel();
    stalled.destroy();
    grpc.close();
    await victim.expectWell();
  });
});
