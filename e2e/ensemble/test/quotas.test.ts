import { status } from '@grpc/grpc-js';
import { connect, PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { paddock, ZnodeService } from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';
import { RawGrpc } from '../src/raw-grpc.ts';

const { ErrorCode } = paddock.client.v1;

async function refusal(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PaddockError);
  return error instanceof PaddockError ? `${error.code} ${error.message}` : '';
}

describe.each(TOPOLOGIES)('quotas, %s', (topology) => {
  let ensemble: Ensemble;
  let client: Client;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology });
    client = await connect({ servers: ensemble.address });
  });

  afterAll(async () => {
    await client.close();
    expect(await ensemble.stop()).toBe(0);
  });

  it('refuse what exceeds them, say why, and go with their znode', async () => {
    await client.create('/limited', 'ab');
    await client.setQuota('/limited', { countHard: 2, bytesHard: 4, bytesSoft: 1 });
    const [, , second] = await Promise.allSettled([
      client.create('/limited/one', 'c'),
      client.set('/limited', 'abc'),
      client.create('/limited/two'),
    ]);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'quotaExceeded' } });
    const reason = 'the quota of /limited is 4 bytes: it has 4, and 2 more would exceed it';
    expect(await refusal(client.set('/limited/one', 'cde'))).toContain(`quotaExceeded`);
    expect(await refusal(client.set('/limited/one', 'cde'))).toContain(reason);
    const { quota } = await client.getQuota('/limited', { consistency: { kind: 'linearizable' } });
    const limits = { countHard: 2, countSoft: 0, bytesHard: 4, bytesSoft: 1 };
    expect(quota).toEqual({ path: '/limited', quota: limits, count: 2, bytes: 4 });
    await client.delete('/limited/one');
    await client.delete('/limited');
    expect(await client.getQuota('/limited')).toMatchObject({ quota: null });
  });

  it('hold when the processor has died, and everything has been started anew', async () => {
    await client.create('/kept');
    await client.setQuota('/kept', { countHard: 2 });
    await client.create('/kept/one');
    await ensemble.killStage('request-processor');
    expect(await refusal(client.create('/kept/two'))).toContain('quotaExceeded');
    await ensemble.killStage('replicated-database');
    expect(await refusal(client.create('/kept/two'))).toContain('quotaExceeded');
    await client.removeQuota('/kept');
    await client.create('/kept/two');
  });

  it('are set, listed and taken away by calls and on the command line', async () => {
    const grpc = new RawGrpc(ensemble.address);
    await client.create('/called');
    const set = await grpc.unary(ZnodeService.setQuota, {
      path: '/called',
      quota: { countHard: 1 },
    });
    expect(set.ok).toBe(true);
    const refused = await grpc.unary(ZnodeService.create, { path: '/called/child' });
    expect(refused).toMatchObject({
      ok: false,
      end: {
        code: status.RESOURCE_EXHAUSTED,
        detail: { code: ErrorCode.ERROR_CODE_QUOTA_EXCEEDED },
      },
    });
    const listed = await grpc.unary(ZnodeService.quotas, { path: '/called', linearizable: true });
    const uses = listed.ok ? listed.response.quotas : [];
    expect(uses.map((it) => [it.path, Number(it.count)])).toEqual([['/called', 1]]);
    grpc.close();
    const run = async (...args: string[]): Promise<string> => {
      const options = { env: { PADDOCK_SERVERS: ensemble.address } };
      const { code, stdout, stderr } = await runPaddock(['quota', ...args], options);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      return stdout;
    };
    await run('/called', '--count', '5', '--soft-bytes', '10');
    await eventually('the replica shows it', async () => {
      expect(await run('/called')).toBe('/called  1 of 5 znodes  0 of soft 10 bytes\n');
    });
    await run('/called', '--remove');
    expect(await client.getQuota('/called', { atLeast: (await client.sync()).zxid })).toMatchObject(
      {
        quota: null,
      },
    );
  });
});
