// The links between replicas, over one real server, as a fused replica serves them.
import { makeEpoch, makeZxid, type SnapshotReply } from '@paddock/model';
import type { Link, LinkAcceptor, LinkEnd, LinkHandlers } from '@paddock/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  broadcastBoundary,
  createGrpcServer,
  databaseDatabaseBoundary,
  electionBoundary,
  GrpcLinkDialer,
  listen,
  noTraffic,
  serveLink,
  type Boundary,
} from '../src/index.ts';

const KIB = 1024;
const LIMITS = {
  batchBytes: 16 * KIB,
  batchOperations: 256,
  queueBytes: 256 * KIB,
  linkMessageBytes: 128 * KIB,
  slowReaderBytes: 1024 * KIB,
};

const CHUNK_BYTES = 20 * KIB;
const CHUNKS = 400;

/** Hands on a snapshot as fast as its link takes it. */
class Sender implements LinkHandlers<unknown> {
  mostBuffered = 0;
  stops = 0;
  readonly #link: Link<SnapshotReply[]>;
  #next = 0;

  constructor(link: Link<SnapshotReply[]>) {
    this.#link = link;
  }

  received(): void {
    const bytes = CHUNKS * CHUNK_BYTES;
    this.#link.send([{ kind: 'snapshotBegins', zxid: makeZxid(3, 7), bytes }]);
    this.drained();
  }

  drained(): void {
    while (this.#next < CHUNKS) {
      const chunk = new Uint8Array(CHUNK_BYTES).fill(this.#next++);
      const goesOn = this.#link.send([{ kind: 'chunk', chunk }]);
      this.mostBuffered = Math.max(this.mostBuffered, this.#link.bufferedBytes);
      if (goesOn) continue;
      this.stops++;
      return;
    }
    this.#link.send([{ kind: 'snapshotEnds', chunks: CHUNKS }]);
    this.#link.close({ cause: 'closed', reason: 'sent' });
  }

  ended(): void {
    // Nothing is held but the link.
  }
}

describe('the links between replicas', () => {
  const server = createGrpcServer({ messageBytes: LIMITS.linkMessageBytes, concurrentStreams: 10 });
  const senders: Sender[] = [];
  const served = noTraffic();
  const dialled = noTraffic();
  let address = '';

  /** Answers each batch with `reply`. */
  function answering<Up, Down>(reply: Down): LinkAcceptor<Down, Up> {
    return (link) => ({
      received: () => void link.send(reply),
      drained: () => undefined,
      ended: () => undefined,
    });
  }

  beforeAll(async () => {
    const voteAnswer = { kind: 'voteAnswer', granted: true } as const;
    const acceptedEpoch = makeEpoch(5);
    serveLink(
      server,
      electionBoundary,
      answering([{ ...voteAnswer, epoch: acceptedEpoch, acceptedEpoch }]),
      LIMITS,
    );
    serveLink(
      server,
      broadcastBoundary,
      answering([{ kind: 'heartbeat', round: 1, held: true }]),
      LIMITS,
      served,
    );
    serveLink(
      server,
      databaseDatabaseBoundary,
      (link) => {
        const sender = new Sender(link);
        senders.push(sender);
        return sender;
      },
      LIMITS,
    );
    address = `127.0.0.1:${await listen(server, '127.0.0.1:0')}`;
  });

  afterAll(() => {
    server.forceShutdown();
  });

  /** The first batch that answers `sent`. */
  function ask<Up, Down>(boundary: Boundary<Up, Down>, sent: Up): Promise<Down> {
    const dialer = new GrpcLinkDialer(boundary, { limits: LIMITS, traffic: dialled });
    return new Promise<Down>((resolve, reject) => {
      const link = dialer.dial(address, {
        received: resolve,
        drained: () => undefined,
        ended: (end) => {
          reject(new Error(end.reason));
        },
      });
      link.send(sent);
    }).finally(() => {
      dialer.close();
    });
  }

  it('carry a vote, and what a leader tells, over one server', async () => {
    const epoch = makeEpoch(5);
    const history = { currentEpoch: makeEpoch(4), lastZxid: makeZxid(4, 9) };
    const votes = await ask(electionBoundary, [{ kind: 'vote', epoch, history }]);
    expect(votes).toEqual([{ kind: 'voteAnswer', epoch, granted: true, acceptedEpoch: epoch }]);
    const told = await ask(broadcastBoundary, [{ kind: 'ack', zxid: makeZxid(5, 1) }]);
    expect(told).toEqual([{ kind: 'heartbeat', round: 1, held: true }]);
    // Either end counts what it has sent and received; the vote went over links that count at one end alone.
    expect(served).toMatchObject({ messagesSent: 1, messagesReceived: 1 });
    expect(dialled).toMatchObject({ messagesSent: 2, messagesReceived: 2 });
    expect(served.bytesReceived).toBeGreaterThan(0);
    expect(served.bytesReceived).toBeLessThan(dialled.bytesSent);
    expect(served.bytesSent).toBeLessThan(dialled.bytesReceived);
  });

  it('carry a snapshot whole, at the pace of the one who reads it', async () => {
    const windowBytes = 64 * KIB;
    const dialer = new GrpcLinkDialer(databaseDatabaseBoundary, { limits: LIMITS, windowBytes });
    const replies: SnapshotReply[] = [];
    const end = await new Promise<LinkEnd>((resolve) => {
      const link = dialer.dial(address, {
        received: (batch) => {
          replies.push(...batch);
          link.pause();
          setTimeout(() => {
            link.resume();
          }, 1);
        },
        drained: () => undefined,
        ended: resolve,
      });
      link.send([{ kind: 'fetch', atLeast: makeZxid(3, 1) }]);
    });
    dialer.close();
    expect(end.cause).toBe('closed');
    const [begins, ...chunks] = replies;
    const bytes = CHUNKS * CHUNK_BYTES;
    expect(begins).toEqual({ kind: 'snapshotBegins', zxid: makeZxid(3, 7), bytes });
    expect(chunks.pop()).toEqual({ kind: 'snapshotEnds', chunks: CHUNKS });
    expect(chunks.length).toBe(CHUNKS);
    chunks.forEach((reply, i) => {
      if (reply.kind !== 'chunk') throw new TypeError(reply.kind);
      expect(reply.chunk.length).toBe(CHUNK_BYTES);
      expect(new Set(reply.chunk)).toEqual(new Set([i % 256]));
    });
    const [sender] = senders;
    expect(sender?.stops).toBeGreaterThan(10);
    expect(sender?.mostBuffered).toBeLessThan(LIMITS.queueBytes + 2 * CHUNK_BYTES);
  });
});
