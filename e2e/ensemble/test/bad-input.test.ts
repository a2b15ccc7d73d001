import { status } from '@grpc/grpc-js';
import { connect } from '@paddock/client';
import { paddock, SessionService, ZnodeService } from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPOLOGIES } from '../src/ensemble.ts';
import type { Ensemble } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';
import { RawGrpc } from '../src/raw-grpc.ts';
import { RawSession } from '../src/raw-session.ts';
import { callWithoutReading, RawCall, RawSocket } from '../src/raw-socket.ts';
import { CONNECTIONS, GARBAGE, Victim } from '../src/victim.ts';

const { CreateMode, EndCause, ErrorCode } = paddock.client.v1;
const MIB = 1024 * 1024;
describe.each(TOPOLOGIES)('bad input from clients, %s:', (topology) => {
  let victim: Victim;
  let grpc: RawGrpc;

  beforeAll(async () => {
    victim = await Victim.start(topology);
    grpc = new RawGrpc(victim.ensemble.address);
  });

  afterAll(async () => {
    grpc.close();
    await victim.stop();
  });

  describe('a connection', () => {
    it.each(CONNECTIONS)('that says %s', async (_what, bytes) => {
      const sockets = await Promise.all(
        Array.from({ length: 50 }, () => RawSocket.open(victim.ensemble.address, bytes)),
      );
      await victim.expectWell();
      for (const socket of sockets) socket.destroy();
    });

    it('that sends half a message and stalls', async () => {
      const call = new RawCall(victim.ensemble.address, SessionService.session.path);
      call.write(1000, GARBAGE.subarray(0, 10));
      await victim.expectWell();
      expect(call.end).toBeUndefined();
      call.destroy();
      await victim.expectWell();
    });

    it('that promises a message of four gigabytes', async () => {
      const call = new RawCall(victim.ensemble.address, SessionService.session.path);
      call.write(2 ** 32 - 1, GARBAGE);
      await eventually('the call is refused', () => {
        expect(call.end).toBe(`status ${status.RESOURCE_EXHAUSTED}`);
      });
      await victim.expectWell();
      call.destroy();
    });

    it('that says a message is compressed where it is not', async () => {
      const call = new RawCall(victim.ensemble.address, SessionService.session.path);
      call.write(GARBAGE.length, GARBAGE, true);
      await eventually('the call is ended', () => {
        expect(call.end).toBeDefined();
      });
      await victim.expectWell();
      call.destroy();
    });

    it('to a method that there is not', async () => {
      const call = new RawCall(victim.ensemble.address, '/paddock.client.v1.SessionService/None');
      call.write(0, new Uint8Array());
      await eventually('the call is refused', () => {
        expect(call.end).toBe(`status ${status.UNIMPLEMENTED}`);
      });
      await victim.expectWell();
      call.destroy();
    });
  });

  describe('a message that is cut off with its stream', () => {
    async function expectCut(bytes: Uint8Array, code: status): Promise<void> {
      const session = new RawSession(grpc);
      await session.open();
      session.stream.sendBytes(bytes);
      expect(await session.stream.ended()).toMatchObject({ code });
      await victim.expectWell();
    }

    it('garbage', () => expectCut(GARBAGE, status.INVALID_ARGUMENT));

    it('larger than a message may be', async () => {
      await expectCut(new Uint8Array(5 * MIB), status.RESOURCE_EXHAUSTED);
      await expectCut(new Uint8Array(50 * MIB), status.RESOURCE_EXHAUSTED);
    });

    const encode = (message: paddock.client.v1.ClientMessage.$Properties): Uint8Array =>
      SessionService.session.request.encode({ messages: [message] }).finish();
    /** `messages { operations { operations { <bytes> } } }` */
    const operation = (...bytes: number[]): Uint8Array =>
      Uint8Array.from([
        ...[0x0a, bytes.length + 4, 0x1a, bytes.length + 2, 0x1a, bytes.length],
        ...bytes,
      ]);
    // get_data { path: <half a surrogate pair, in bytes> }
    const noText = operation(0x22, 5, 0x0a, 3, 0xed, 0xa0, 0x80);
    // create { path: "/m", mode: 77 }
    const unknownMode = operation(0x0a, 6, 0x0a, 2, 0x2f, 0x6d, 0x18, 77);
    const read = { path: '/', atLeastEpoch: 2 ** 21, atLeastCounter: 0 };
    const set = { path: '/', version: 2 ** 31 };

    it.each([
      ['without a kind', encode({})],
      ['of a kind of the future', Uint8Array.from([0x0a, 3, 0xfa, 0x01, 0])],
      ['with text that is no UTF-8', noText],
      ['with a create mode that there is not', unknownMode],
      ['with a version out of bounds', encode({ operations: { operations: [{ setData: set }] } })],
      ['with a zxid out of bounds', encode({ operations: { operations: [{ getData: read }] } })],
      ['with a sequence out of bounds', encode({ operations: { firstSequence: 2 ** 53 } })],
    ])('%s', (_what, bytes) => expectCut(bytes, status.INVALID_ARGUMENT));
  });

  describe('an operation that is answered by an error', () => {
    it('unknown ones in their order', async () => {
      const session = new RawSession(grpc);
      await session.open();
      // operations { get_data { path: "/" } <field 100> {} sync {} }
      const operations = [
        0x1a, 5, 0x22, 3, 0x0a, 1, 0x2f, 0x1a, 3, 0xa2, 0x06, 0, 0x1a, 2, 0x3a, 0,
      ];
      session.stream.sendBytes(
        Uint8Array.from([0x0a, operations.length + 2, 0x1a, operations.length, ...operations]),
      );
      await session.result(2);
      expect(session.results.map(({ failed }) => failed?.code)).toEqual([
        undefined,
        ErrorCode.ERROR_CODE_UNIMPLEMENTED,
        undefined,
      ]);
      session.stream.halfClose();
      await victim.expectWell();
    });

    it('paths that are none, as writes and as reads, each under its own number', async () => {
      const session = new RawSession(grpc);
      await session.open();
      const paths = ['', 'a', '/a/', '//', '/a//b', '/..', '/a/./b', '/\u0000', '/\ufffe'];
      for (const path of paths) {
        session.operate(
          { create: { path } },
          { getData: { path, watch: true } },
          { setData: { path } },
          { exists: { path } },
          { delete: { path } },
          { getChildren: { path, watch: true } },
        );
      }
      session.operate({ create: { path: '/after-bad-paths' } });
      const last = await session.result(6 * paths.length);
      expect(last.create?.path).toBe('/after-bad-paths');
      expect(session.results.slice(0, -1).map(({ failed }) => failed?.code)).toEqual(
        Array.from({ length: 6 * paths.length }, () => ErrorCode.ERROR_CODE_BAD_ARGUMENTS),
      );
      session.stream.halfClose();
      await victim.expectWell();
    });

    it('paths and calls that are too long, which are told what is', async () => {
      for (const length of [4097, 20_000, 200_000, 2 * MIB, 6 * MIB]) {
        const path = `/${'p'.repeat(length - 1)}`;
        const reason = length > 4 * MIB ? /^tooLarge: the request/ : /^badArguments: \//;
        const calls = [
          grpc.unary(ZnodeService.create, { path }),
          grpc.unary(ZnodeService.get, { path }),
          grpc.unary(ZnodeService.delete, { path }),
          grpc.unary(ZnodeService.list, { path: '/', limit: 10, after: path.slice(1) }),
        ];
        for (const call of await Promise.all(calls)) {
          expect(call.ok).toBe(false);
          if (call.ok) continue;
          expect(call.end.code).toBe(status.INVALID_ARGUMENT);
          expect(call.end.details).toMatch(reason);
        }
      }
      const longest = `/${'\uac00'.repeat(4095)}`;
      expect(await grpc.unary(ZnodeService.create, { path: longest })).toMatchObject({ ok: true });
      const again = await grpc.unary(ZnodeService.create, { path: longest });
      expect(again).toMatchObject({ ok: false, end: { code: status.ALREADY_EXISTS } });
      await victim.expectWell();
    });

    it('a root that is created and deleted, data too large, a child of an ephemeral', async () => {
      const session = new RawSession(grpc);
      await session.open();
      const ephemeral = { path: '/ephemeral', mode: CreateMode.CREATE_MODE_EPHEMERAL };
      session.operate(
        { create: { path: '/' } },
        { delete: { path: '/' } },
        { create: ephemeral },
        { create: { path: '/ephemeral/child' } },
        { create: { path: '/large', data: new Uint8Array(MIB + 1) } },
        { exists: { path: '/large' } },
      );
      await session.result(5);
      expect(session.results.map(({ failed }) => failed?.code)).toEqual([
        ErrorCode.ERROR_CODE_NODE_EXISTS,
        ErrorCode.ERROR_CODE_BAD_ARGUMENTS,
        undefined,
        ErrorCode.ERROR_CODE_NO_CHILDREN_FOR_EPHEMERALS,
        ErrorCode.ERROR_CODE_TOO_LARGE,
        ErrorCode.ERROR_CODE_NO_NODE,
      ]);
      session.operate({ closeSession: {} });
      await session.stream.ended();
      await victim.expectWell();
    });
  });

  describe('a client that breaks the rules of the stream is told so', () => {
    async function expectEnded(session: RawSession, cause: number, reason: RegExp): Promise<void> {
      const ended = await session.first('the end', (message) => message.ended);
      expect(ended.cause).toBe(cause);
      expect(ended.reason ?? '').toMatch(reason);
      await session.stream.ended();
      await victim.expectWell();
    }

    it('operations before an open', async () => {
      const session = new RawSession(grpc);
      session.operate({ create: { path: '/never' } });
      const reason = /before the session was opened/;
      await expectEnded(session, EndCause.END_CAUSE_REFUSED, reason);
    });

    it('a second open', async () => {
      const session = new RawSession(grpc);
      await session.open();
      session.send({ open: { timeoutMs: 5000 } });
      await expectEnded(session, EndCause.END_CAUSE_REFUSED, /./);
    });

    it.each([0, 2, 1000, 2 ** 52])('a write under the number %d where 1 is due', async (number) => {
      const session = new RawSession(grpc);
      await session.open();
      const operations = [{ create: { path: '/gap' } }];
      session.send({ operations: { firstSequence: number, operations } });
      const reason = /the next write is number 1, not/;
      await expectEnded(session, EndCause.END_CAUSE_REFUSED, reason);
    });

    it('a resume of a session that there is not', async () => {
      const session = new RawSession(grpc);
      const resume = { session: 12345, secret: GARBAGE.subarray(0, 16), attempt: 1 };
      session.send({ resume });
      await expectEnded(session, EndCause.END_CAUSE_FORGOTTEN, /./);
    });

    it('a resume with another secret; the session itself goes on', async () => {
      const owner = new RawSession(grpc);
      const { session } = await owner.open();
      const thief = new RawSession(grpc);
      const secret = GARBAGE.subarray(0, 16);
      thief.send({ resume: { session: session ?? 0, secret, attempt: 2 } });
      const ended = await thief.first('the end', (message) => message.ended);
      expect(ended.cause).not.toBe(EndCause.END_CAUSE_UNSPECIFIED);
      owner.operate({ exists: { path: '/' } });
      expect((await owner.result(0)).exists).toBeDefined();
      owner.operate({ closeSession: {} });
      await owner.stream.ended();
      await victim.expectWell();
    });

    it('a resume by an older attempt; the newer connection goes on', async () => {
      const first = new RawSession(grpc);
      const { session, secret } = await first.open();
      const resume = { session: session ?? 0, secret: secret ?? new Uint8Array() };
      const second = new RawSession(grpc);
      second.send({ resume: { ...resume, attempt: 5 } });
      await second.first('the resume', (message) => message.resumed);
      const fenced = await first.first('the end', (message) => message.ended);
      expect(fenced.cause).toBe(EndCause.END_CAUSE_FENCED);
      const late = new RawSession(grpc);
      late.send({ resume: { ...resume, attempt: 4 } });
      const ended = await late.first('the end', (message) => message.ended);
      expect(ended.cause).toBe(EndCause.END_CAUSE_FENCED);
      second.operate({ exists: { path: '/' } });
      expect((await second.result(0)).exists).toBeDefined();
      second.operate({ closeSession: {} });
      await second.stream.ended();
      await victim.expectWell();
    });

    it.each([
      ['a session out of bounds', { session: 0, secret: GARBAGE.subarray(0, 16), attempt: 1 }],
      ['a secret too long', { session: 7, secret: GARBAGE.subarray(0, 65), attempt: 1 }],
      [
        'a watch on no path',
        {
          session: 7,
          secret: GARBAGE.subarray(0, 16),
          attempt: 1,
          watches: [{ path: 'a', kind: 1 }],
        },
      ],
      [
        'a zxid out of bounds',
        { session: 7, secret: GARBAGE.subarray(0, 16), attempt: 1, floorEpoch: 2 ** 21 },
      ],
    ])('a resume with %s is cut', async (_what, resume) => {
      const session = new RawSession(grpc);
      session.send({ resume });
      expect(await session.stream.ended()).toMatchObject({ code: status.INVALID_ARGUMENT });
      await victim.expectWell();
    });
  });

  describe('too much', () => {
    it('from a client that never reads is cut off', async () => {
      const session = new RawSession(grpc);
      await session.open();
      session.operate({ create: { path: '/large', data: new Uint8Array(MIB) } });
      await session.result(0);
      session.stream.pause();
      const reads = Array.from({ length: 500 }, () => ({ getData: { path: '/large' } }));
      for (let time = 0; time < 10; time++) session.operate(...reads);
      await victim.expectWell();
      await eventually('the stream is cut', async () => {
        // A stream that is paused does not hear its end; the server's side of it does.
        expect(await connectionsOf(victim.ensemble)).toBe(1);
      });
      await victim.expectWell();
      expect(session.results.length).toBeLessThan(5000);
      session.stream.cancel();
    });

    it('from calls whose answers nobody reads waits, and nobody else does', async () => {
      const client = await connect({ servers: victim.ensemble.address });
      await client.create('/unread', new Uint8Array(MIB));
      const request = ZnodeService.get.request.encode({ path: '/unread' }).finish();
      const { address } = victim.ensemble;
      const end = callWithoutReading(address, ZnodeService.get.path, request, 3000);
      for (let time = 0; time < 5; time++) {
        await victim.expectWell();
        const read = await grpc.unary(ZnodeService.get, { path: '/unread' });
        expect(read.ok && read.response.data.length).toBe(MIB);
      }
      end();
      await client.close();
      await victim.expectWell();
    });

    it('of outstanding requests waits its turn, and all are answered in order', async () => {
      const session = new RawSession(grpc);
      await session.open();
      session.operate({ create: { path: '/counted' } });
      const count = 20_000;
      for (let n = 0; n < count / 100; n++) {
        session.operate(
          ...Array.from({ length: 50 }, (_, index) => [
            { setData: { path: '/counted', version: 50 * n + index } },
            { exists: { path: '/counted' } },
          ]).flat(),
        );
      }
      await session.result(count);
      const versions = session.results.slice(1).map((result, index) => {
        expect(result.failed ?? null).toBeNull();
        return (index % 2 === 0 ? result.setData : result.exists)?.stat?.version;
      });
      expect(versions).toEqual(Array.from({ length: count }, (_, n) => Math.floor(n / 2) + 1));
      session.operate({ closeSession: {} });
      await session.stream.ended();
      await victim.expectWell();
    });

    it('of data for a client that does read arrives whole', async () => {
      const client = await connect({ servers: victim.ensemble.address });
      await client.create('/much', new Uint8Array(MIB).fill(7));
      const answers = await Promise.all(Array.from({ length: 200 }, () => client.get('/much')));
      for (const { data } of answers) expect(data.length).toBe(MIB);
      await client.close();
      await victim.expectWell();
    });

    it('of streams that never open a session', async () => {
      const streams = Array.from({ length: 1000 }, () => new RawSession(grpc));
      await eventually('they are all there', async () => {
        expect(await connectionsOf(victim.ensemble)).toBeGreaterThan(1000);
      });
      await victim.expectWell();
      for (const { stream } of streams) stream.cancel();
      await eventually('they are all gone', async () => {
        expect(await connectionsOf(victim.ensemble)).toBe(1);
      });
    });
  });
});

/** Session streams that the front-end holds. */
async function connectionsOf(ensemble: Ensemble): Promise<unknown> {
  return (await ensemble.status()).replicas[0]?.stages['session-frontend']?.['connections'];
}
