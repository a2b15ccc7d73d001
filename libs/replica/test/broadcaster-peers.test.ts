import { broadcastEstimates, electionEstimates, MemoryNetwork, Turn } from '@paddock/link-memory';
import { DEFAULT_LIMITS, DEFAULT_TIMING, EPOCH_ZERO, makeEpoch, makeZxid } from '@paddock/model';
import type {
  ElectionReply,
  ElectionRequest,
  ElectorIdentity,
  LeaderMessage,
  LearnerMessage,
} from '@paddock/model';
import type { CancelTimer, Link, Timers } from '@paddock/ports';
import { BroadcasterEffects } from '@paddock/zab-core';
import type { BroadcasterEvent } from '@paddock/zab-core';
import { describe, expect, it } from 'vitest';
import { BroadcasterPeers } from '../src/broadcaster-peers.ts';

const identity: ElectorIdentity = { replica: 1, incarnation: 5, clusterId: '', voters: [1, 2, 3] };
const introduce: ElectionRequest = { kind: 'introduce', identity };
const state: ElectionReply = {
  kind: 'state',
  identity,
  acceptedEpoch: EPOCH_ZERO,
  leads: EPOCH_ZERO,
};
const limits = { queueBytes: 1000, slowReaderBytes: 100_000 };

interface Planned {
  readonly atMs: number;
  readonly task: () => void;
}

/** Timers that fire when the test lets time pass. */
class TestTimers implements Timers {
  nowMs = 0;
  #planned: Planned[] = [];

  after(delayMs: number, task: () => void): CancelTimer {
    const planned = { atMs: this.nowMs + delayMs, task };
    this.#planned.push(planned);
    return () => {
      this.#planned = this.#planned.filter((it) => it !== planned);
    };
  }

  soon(task: () => void): CancelTimer {
    return this.after(0, task);
  }

  every(): CancelTimer {
    throw new Error('nothing is asked for again and again');
  }

  pass(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = this.#planned.find(({ atMs }) => atMs <= end);
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#planned = this.#planned.filter((it) => it !== next);
      next.task();
    }
    this.nowMs = end;
  }
}

/** The peers of one broadcaster, and the others as far as a test plays them. */
class PeersUnderTest {
  readonly events: BroadcasterEvent[] = [];
  readonly timers = new TestTimers();
  readonly effects = new BroadcasterEffects();
  readonly #turn = new Turn((task) => void this.timers.soon(task));
  readonly election = new MemoryNetwork<ElectionRequest[], ElectionReply[]>({
    turn: this.#turn,
    limits,
    ...electionEstimates,
  });
  readonly broadcast = new MemoryNetwork<LearnerMessage[], LeaderMessage[]>({
    turn: this.#turn,
    limits,
    ...broadcastEstimates,
  });
  readonly peers = new BroadcasterPeers(DEFAULT_TIMING, {
    timers: this.timers,
    election: this.election,
    broadcast: this.broadcast,
    take: (event) => void this.events.push(event),
  });

  carryOut(): void {
    this.peers.carryOut(this.effects);
    this.effects.clear();
    this.timers.pass(1);
  }

  /** Kinds of the events since the last call, with the link or replica they name. */
  told(): string[] {
    return this.events.splice(0).map((event) => {
      if ('replica' in event) return `${event.kind} ${event.replica}`;
      return 'link' in event ? `${event.kind} ${event.link}` : event.kind;
    });
  }

  /** Another broadcaster listens there; what it accepts and hears. */
  listen(address: string): { links: Link<ElectionReply[]>[]; heard: ElectionRequest[] } {
    const links: Link<ElectionReply[]>[] = [];
    const heard: ElectionRequest[] = [];
    this.election.listen(address, (link) => {
      links.push(link);
      return {
        received: (batch) => void heard.push(...batch),
        drained: () => undefined,
        ended: () => undefined,
      };
    });
    return { links, heard };
  }

  lead(address: string): Link<LeaderMessage[]>[] {
    const links: Link<LeaderMessage[]>[] = [];
    this.broadcast.listen(address, (link) => {
      links.push(link);
      return {
        received: () => undefined,
        drained: () => undefined,
        ended: () => void links.splice(links.indexOf(link), 1),
      };
    });
    return links;
  }
}

describe('the electors of a broadcaster', () => {
  it('are dialled again and again while they are wanted', () => {
    const it = new PeersUnderTest();
    it.effects.dialElectors = [{ replica: 2, address: 'two' }];
    it.carryOut();
    expect(it.told()).toEqual(['electorConnected 2', 'electorEnded 2']);
    expect(it.peers.silentElectors).toEqual([{ replica: 2, address: 'two' }]);
    const two = it.listen('two');
    it.timers.pass(DEFAULT_TIMING.reconnectMs);
    expect(it.told()).toEqual(['electorConnected 2']);
    it.effects.electors.push(2, introduce);
    it.carryOut();
    expect(two.heard).toEqual([introduce]);
    two.links[0]?.send([state]);
    it.timers.pass(1);
    expect(it.told()).toEqual(['electorReceived 2']);
    expect(it.peers.silentElectors).toEqual([]);
  });

  it('that are not wanted any more are hung up without a word, those that have moved are told', () => {
    const it = new PeersUnderTest();
    it.listen('two');
    it.listen('three');
    it.listen('elsewhere');
    it.effects.dialElectors = [
      { replica: 2, address: 'two' },
      { replica: 3, address: 'three' },
    ];
    it.carryOut();
    it.told();
    it.effects.dialElectors = [{ replica: 3, address: 'elsewhere' }];
    it.carryOut();
    it.timers.pass(DEFAULT_TIMING.reconnectMaxMs);
    expect(it.told()).toEqual(['electorEnded 3', 'electorConnected 3']);
    it.effects.dialElectors = [{ replica: 3, address: 'elsewhere' }];
    it.carryOut();
    expect(it.told()).toEqual([]);
  });
});

describe('the leader of a broadcaster', () => {
  it('is dialled once, by the number that the core has chosen', () => {
    const it = new PeersUnderTest();
    it.effects.dialLeader = { link: 7, address: 'leader' };
    it.carryOut();
    it.timers.pass(10_000);
    expect(it.told()).toEqual(['leaderConnected 7', 'leaderEnded 7']);
    const links = it.lead('leader');
    it.effects.dialLeader = { link: 8, address: 'leader' };
    it.carryOut();
    links[0]?.send([{ kind: 'newLeader', epoch: makeEpoch(1) }]);
    it.timers.pass(1);
    expect(it.told()).toEqual(['leaderConnected 8', 'leaderReceived 8']);
    it.effects.closeLeader = { link: 8, end: { cause: 'closed', reason: 'enough' } };
    it.carryOut();
    expect(links).toEqual([]);
    expect(it.told()).toEqual([]);
  });

  it('is left for another in one step, and not dialled where the same round takes it back', () => {
    const it = new PeersUnderTest();
    const first = it.lead('first');
    const second = it.lead('second');
    it.effects.dialLeader = { link: 1, address: 'first' };
    it.carryOut();
    it.effects.closeLeader = { link: 1, end: { cause: 'closed', reason: 'another leads' } };
    it.effects.dialLeader = { link: 2, address: 'second' };
    it.carryOut();
    expect([first.length, second.length]).toEqual([0, 1]);
    // Two steps before their effects are carried out: dialled as 3, and given up again.
    it.effects.dialLeader = { link: 3, address: 'first' };
    it.effects.closeLeader = { link: 3, end: { cause: 'closed', reason: 'never mind' } };
    it.carryOut();
    expect([first.length, second.length]).toEqual([0, 0]);
  });
});

describe('the learners of a broadcaster', () => {
  it('are full once, until what they hold has left', () => {
    const it = new PeersUnderTest();
    it.broadcast.listen('self', it.peers.acceptLearner);
    const link = it.broadcast.dial('self', {
      received: () => undefined,
      drained: () => undefined,
      ended: () => undefined,
    });
    link.send([{ kind: 'ack', zxid: makeZxid(1, 1) }]);
    it.timers.pass(1);
    expect(it.told()).toEqual(['learnerConnected 1', 'learnerReceived 1']);
    link.pause();
    const payload = new Uint8Array(2000);
    for (let i = 1; i <= 2; i++) {
      const entries = [{ zxid: makeZxid(1, i), kind: 'data', payload }] as const;
      it.effects.learners.push(1, { kind: 'entries', entries, committed: makeZxid(1, 0) });
      it.carryOut();
    }
    expect(it.events).toEqual([{ kind: 'learnerFull', link: 1, full: true }]);
    link.resume();
    it.timers.pass(1);
    expect(it.events.at(-1)).toEqual({ kind: 'learnerFull', link: 1, full: false });
    expect(it.events.length).toBe(2);
  });

  it('and candidates are closed by the core without an event', () => {
    const it = new PeersUnderTest();
    it.broadcast.listen('self', it.peers.acceptLearner);
    it.election.listen('self', it.peers.acceptCandidate);
    const ends: string[] = [];
    const handlers = {
      received: () => undefined,
      drained: () => undefined,
      ended: ({ reason }: { readonly reason: string }) => void ends.push(reason),
    };
    it.broadcast.dial('self', handlers);
    it.election.dial('self', handlers);
    it.timers.pass(1);
    expect(it.told()).toEqual(['learnerConnected 1', 'candidateConnected 1']);
    it.effects.closeLearners.push({ link: 1, end: { cause: 'refused', reason: 'no learner' } });
    it.effects.closeCandidates.push({ link: 1, end: { cause: 'refused', reason: 'no vote' } });
    it.carryOut();
    expect(ends).toEqual(['no vote', 'no learner']);
    expect(it.told()).toEqual([]);
  });
});

it('stops all its links', () => {
  const peers = new PeersUnderTest();
  peers.listen('two');
  const led = peers.lead('leader');
  peers.effects.dialElectors = [{ replica: 2, address: 'two' }];
  peers.effects.dialLeader = { link: 1, address: 'leader' };
  peers.carryOut();
  peers.told();
  peers.peers.stop();
  peers.timers.pass(DEFAULT_LIMITS.queueBytes);
  expect(led).toEqual([]);
  expect(peers.told()).toEqual([]);
});
