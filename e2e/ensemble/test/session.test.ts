import type { ChildProcess } from 'node:child_process';
import { connect } from '@paddock/client';
import type { Client, ClientState } from '@paddock/client';
import { paddock } from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf } from '../src/command.ts';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { spawnPaddock, TOPOLOGIES } from '../src/ensemble.ts';
import { eventually } from '../src/eventually.ts';
import { RawGrpc } from '../src/raw-grpc.ts';
import { RawSession } from '../src/raw-session.ts';

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
