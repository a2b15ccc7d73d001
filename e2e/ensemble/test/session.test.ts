import type { ChildProcess } from 'node:child_process';
import { connect } from '@paddock/client';
import type { Client, ClientState } from '@paddock/client';
import { paddock } from '@paddock/contracts';
import { makeZxid } from '@paddock/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf } from '../src/command.ts';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { spawnPaddock, TOPOLOGIES } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';
import { RawGrpc } from '../src/raw-grpc.ts';
import { RawSession } from '../src/raw-session.ts';
import { TcpProxy } from '../src/tcp-proxy.ts';

const { CreateMode, EndCause } = paddock.client.v1;

/** Short, so that the test is; long enough for a busy machine to let a heartbeat through. */
const TIMEOUT_MS = 3000;
const TIMING = { tickMs: 200, sessionTimeoutMinMs: 1000, sessionTimeoutMaxMs: TIMEOUT_MS };

describe.each(TOPOLOGIES)('a session, %s,', (topology) => {
  let replica: ConfiguredReplica;
  let client: Client;
  let grpc: RawGrpc;

  beforeAll(async () => {
    replica = await ConfiguredReplica.start(topology, { timing: TIMING });
    client = await connect({ servers: replica.address });
    grpc = new RawGrpc(replica.address);
  }, 120_000);

  afterAll(async () => {
    grpc.close();
    await client.close();
    await replica.stop();
  });

  /** A process that holds an ephemeral until it is asked to stop. */
  async function holder(path: string): Promise<ChildProcess> {
    const args = ['create', path, '--ephemeral', '--server', replica.address];
    const child = spawnPaddock(args);
    await eventually(`${path} is held`, async () => {
      expect((await client.exists(path)).stat).not.toBeNull();
    });
    return child;
  }

  async function untilGone(path: string): Promise<void> {
    await eventually(`${path} is gone`, async () => {
      expect((await client.exists(path)).stat).toBeNull();
    });
  }

  it('is granted a timeout within the bounds', async () => {
    expect(client.sessionTimeoutMs).toBe(TIMEOUT_MS);
    const hasty = await connect({ servers: replica.address, sessionTimeoutMs: 1 });
    expect(hasty.sessionTimeoutMs).toBe(TIMING.sessionTimeoutMinMs);
    await hasty.close();
  });

  it('of a client that was killed expires, and its ephemeral goes, not before', async () => {
    const child = await holder('/killed');
    const ended = resultOf(child, 'the holder');
    child.kill('SIGKILL');
    await ended;
    const endedMs = performance.now();
    expect((await client.exists('/killed')).stat).not.toBeNull();
    await untilGone('/killed');
    // The last sign of life was at most a third of the timeout old, and the clock is read in ticks.
    expect(performance.now() - endedMs).toBeGreaterThan(TIMEOUT_MS / 3);
  });

  it('of a client that stood still has expired, which it is told when it wakes', async () => {
    const child = await holder('/stalled');
    const ended = resultOf(child, 'the holder');
    child.kill('SIGSTOP');
    await untilGone('/stalled');
    child.kill('SIGCONT');
    const { code, stderr } = await ended;
    expect(stderr).toContain('expired');
    expect(code).toBe(4);
  });

  it('of a silent connection ends with its reason on the stream', async () => {
    const silent = new RawSession(grpc);
    await silent.open();
    silent.operate({ create: { path: '/silent', mode: CreateMode.CREATE_MODE_EPHEMERAL } });
    await silent.result(0);
    const ended = await silent.first('the end', (message) => message.ended);
    expect(ended.cause).toBe(EndCause.END_CAUSE_EXPIRED);
    await silent.stream.ended();
    await untilGone('/silent');
  });

  it('that is idle lives on by its heartbeats', async () => {
    const idle = await connect({ servers: replica.address });
    const states: ClientState[] = [];
    idle.on('state', ({ state }) => states.push(state));
    await idle.create('/idle', '', { mode: 'ephemeral' });
    // Two sessions without heartbeats, one after the other, measure the time.
    for (let round = 0; round < 2; round++) {
      const silent = new RawSession(grpc);
      await silent.open();
      await silent.first('the end', (message) => message.ended);
    }
    expect(states).toEqual([]);
    expect((await client.get('/idle')).stat.ephemeralOwner).toBe(idle.session);
    await idle.close();
    await untilGone('/idle');
  });

  it('that is closed takes its ephemerals along at once, watches are told, and nobody resumes it', async () => {
    const raw = new RawSession(grpc);
    const { session = 0, secret = new Uint8Array(0) } = await raw.open();
    raw.operate({ create: { path: '/closed', mode: CreateMode.CREATE_MODE_EPHEMERAL } });
    await raw.result(0);
    const events: string[] = [];
    await client.get('/closed', { watch: ({ kind }) => events.push(kind) });
    raw.operate({ closeSession: {} });
    const closed = await raw.result(1);
    const zxid = makeZxid(closed.zxidEpoch ?? 0, closed.zxidCounter ?? 0);
    expect((await client.exists('/closed', { atLeast: zxid })).stat).toBeNull();
    expect(events).toEqual(['nodeDeleted']);
    await raw.stream.ended();
    const again = new RawSession(grpc);
    again.send({ resume: { session, secret, attempt: 2, floorEpoch: 0, floorCounter: 0 } });
    const ended = await again.first('the end', (message) => message.ended);
    expect(ended.cause).toBe(EndCause.END_CAUSE_CLOSED);
    expect((await client.sessions()).sessions.map((it) => it.session)).not.toContain(session);
  });

  it('H19 c: that is local has no row, is replaced with its connection, and writes as a global one', async () => {
    const proxy = await TcpProxy.start(replica.address);
    const local = await connect({ servers: proxy.address, local: true });
    const listed = async (): Promise<boolean | undefined> => {
      const { sessions } = await client.sessions({ consistency: { kind: 'linearizable' } });
      return sessions.find((it) => it.session === local.session)?.isLocal;
    };
    expect([local.isLocal, await listed()]).toEqual([true, true]);
    await client.create('/watched');
    const events: string[] = [];
    await local.sync();
    await local.get('/watched', { watch: ({ kind }) => events.push(kind) });
    const first = local.session;
    proxy.cut();
    await client.set('/watched', 'x');
    proxy.heal();
    await eventually('another session is there, and its watch tells what was missed', () => {
      expect(events).toEqual(['nodeDataChanged']);
      expect(local.session).not.toBe(first);
    });
    expect([local.isLocal, await listed()]).toEqual([true, true]);
    const { session } = local;
    await local.create('/watched/mine', '', { mode: 'ephemeral' });
    expect([local.isLocal, await listed(), local.session]).toEqual([false, false, session]);
    proxy.cut();
    proxy.heal();
    expect((await local.exists('/watched/mine')).stat?.ephemeralOwner).toBe(session);
    await local.close();
    await untilGone('/watched/mine');
    const brief = await connect({ servers: replica.address, local: true });
    await brief.close();
    proxy.stop();
  });

  it('that is local ends by its front-end when its client is silent', async () => {
    const silent = new RawSession(grpc);
    silent.send({ open: { timeoutMs: 1000, local: true } });
    const { local } = await silent.first('the session is opened', ({ opened }) => opened);
    expect(local).toBe(true);
    const ended = await silent.first('the end', (message) => message.ended);
    expect(ended.cause).toBe(EndCause.END_CAUSE_EXPIRED);
  });

  it('survives a service that stood still for longer than its timeout (H17)', async () => {
    const survivor = await connect({ servers: replica.address });
    const states: ClientState[] = [];
    survivor.on('state', ({ state }) => states.push(state));
    await survivor.create('/survivor', '', { mode: 'ephemeral' });
    const processes = [...replica.processes.values()];
    for (const { pid } of processes) process.kill(pid, 'SIGSTOP');
    await eventually('the client counts its session as lost', () => {
      expect(survivor.state).toBe('lost');
    });
    for (const { pid } of processes) process.kill(pid, 'SIGCONT');
    await eventually('the client is connected again', () => {
      expect(survivor.state).toBe('connected');
    });
    expect(states).not.toContain('expired');
    expect((await survivor.get('/survivor')).stat.ephemeralOwner).toBe(survivor.session);
    await survivor.close();
    await untilGone('/survivor');
  });
});
