import { spawn } from 'node:child_process';
import { status } from '@grpc/grpc-js';
import {
  fileDescriptors,
  grpc as grpcPackage,
  HealthService,
  ReflectionService,
} from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf } from '../src/command.ts';
import type { CommandResult } from '../src/command.ts';
import { Ensemble } from '../src/ensemble.ts';
import { RawGrpc } from '../src/raw-grpc.ts';

const BUF = new URL('../../../node_modules/.bin/buf', import.meta.url).pathname;

function bufCurl(address: string, rpc: string, request: object): Promise<CommandResult> {
  const url = `http://${address}/paddock.client.v1.ZnodeService/${rpc}`;
  const args = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge'];
  const child = spawn(BUF, [...args, '-d', JSON.stringify(request), url]);
  return resultOf(child, `buf curl ${url}`);
}

describe('every gRPC server of a split replica', () => {
  const SERVICES: Readonly<Record<string, readonly string[]>> = {
    client: [
      'paddock.client.v1.SessionService',
      'paddock.client.v1.ZnodeService',
      'paddock.client.v1.HistoryService',
    ],
    requestProcessor: ['paddock.frontend_processor.v1.FrontendProcessorService'],
    zabBroadcaster: [
      'paddock.processor_broadcaster.v1.ProcessorBroadcasterService',
      'paddock.database_broadcaster.v1.DatabaseBroadcasterService',
      'paddock.frontend_broadcaster.v1.LogReadingService',
      'paddock.broadcast.v1.BroadcastService',
      'paddock.election.v1.ElectionService',
      'paddock.admin.v1.MembersService',
    ],
    replicatedDatabase: [
      'paddock.frontend_database.v1.FrontendDatabaseService',
      'paddock.processor_database.v1.ProcessorDatabaseService',
      'paddock.database_database.v1.SnapshotService',
    ],
  };
  const { SERVING, SERVICE_UNKNOWN } = grpcPackage.health.v1.HealthCheckResponse.ServingStatus;
  let ensemble: Ensemble;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology: 'split' });
  });

  afterAll(async () => {
    expect(await ensemble.stop()).toBe(0);
  });

  it('is used by a client that knows nothing but its reflection', async () => {
    const made = await bufCurl(ensemble.address, 'Create', { path: '/curl', data: 'b25l' });
    expect(made).toMatchObject({ code: 0 });
    const read = await bufCurl(ensemble.address, 'Get', { path: '/curl' });
    expect(JSON.parse(read.stdout)).toMatchObject({ data: 'b25l', stat: { dataLength: 3 } });
    const refused = await bufCurl(ensemble.address, 'Get', { path: '/nowhere' });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('"not_found"');
    expect(refused.stderr).toContain('"paddock.client.v1.ErrorDetail"');
  });

  it.each(Object.entries(SERVICES))('answers health: %s', async (endpoint, services) => {
    const grpc = new RawGrpc(ensemble.serving.replicas[0]?.endpoints[endpoint] ?? '');
    for (const service of ['', ...services]) {
      const checked = await grpc.unary(HealthService.check, { service });
      expect(checked).toMatchObject({ ok: true, response: { status: SERVING } });
    }
    const unknown = await grpc.unary(HealthService.check, { service: 'none' });
    expect(unknown).toMatchObject({ ok: false, end: { code: status.NOT_FOUND } });
    const listed = await grpc.unary(HealthService.list, {});
    const names = listed.ok ? Object.keys(listed.response.statuses) : [];
    expect(names.sort()).toEqual(['', ...services].sort());
    const watch = grpc.serverStream(HealthService.watch, { service: 'none' });
    expect(await watch.next('a status', ([first]) => first?.status)).toBe(SERVICE_UNKNOWN);
    watch.cancel();
    grpc.close();
  });

  it.each(Object.entries(SERVICES))('describes itself: %s', async (endpoint, services) => {
    const grpc = new RawGrpc(ensemble.serving.replicas[0]?.endpoints[endpoint] ?? '');
    const stream = grpc.bidi(ReflectionService.serverReflectionInfo);
    stream.send({ listServices: '*' });
    const listed = await stream.next('the services', ([first]) => first?.listServicesResponse);
    expect((listed.service ?? []).map(({ name }) => name).sort()).toEqual(
      [...services, 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection'].sort(),
    );
    for (const [index, service] of services.entries()) {
      stream.send({ fileContainingSymbol: service });
      const described = await stream.next(
        `the description of ${service}`,
        (received) => received[index + 1]?.fileDescriptorResponse,
      );
      const file = fileDescriptors.find(({ symbols }) => symbols.includes(service));
      const [own] = described.fileDescriptorProto ?? [];
      expect(Buffer.from(own ?? [])).toEqual(Buffer.from(file?.bytes ?? [1]));
    }
    stream.send({ fileContainingSymbol: 'no.Such' });
    const error = await stream.next('an error', (all) => all[services.length + 1]?.errorResponse);
    expect(error.errorCode).toBe(status.NOT_FOUND);
    stream.halfClose();
    expect((await stream.ended()).code).toBe(status.OK);
    grpc.close();
  });
});
