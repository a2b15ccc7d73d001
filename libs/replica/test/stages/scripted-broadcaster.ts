// A broadcaster of another replica that a test plays, over real gRPC links on loopback.
import { createServer } from 'node:net';
import type { Server } from '@grpc/grpc-js';
import {
  broadcastBoundary,
  createGrpcServer,
  electionBoundary,
  listen,
  serveLink,
} from '@paddock/link-grpc';
import { DEFAULT_LIMITS, EPOCH_ZERO } from '@paddock/model';
import type {
  ElectionReply,
  ElectionRequest,
  ElectorIdentity,
  Epoch,
  LeaderMessage,
  LearnerMessage,
} from '@paddock/model';
import type { Link, LinkHandlers } from '@paddock/ports';
import { Conversation, listed, until } from './neighbours.ts';
import type { DiallingNeighbours } from './neighbours.ts';

const limits = DEFAULT_LIMITS;

/** A port that nothing listens on at present. */
export async function freeAddress(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** It tells every broadcaster that asks for its votes how it stands, and grants them while it is told to. */
export class ScriptedBroadcaster {
  readonly identity: ElectorIdentity;
  readonly address: string;
  /** Links on which the stage follows it. */
  readonly learners: Conversation<LeaderMessage[], LearnerMessage>[] = [];
  grants = false;
  /** Epochs that it was asked to vote for. */
  readonly asked: Epoch[] = [];
  #leads: Epoch = EPOCH_ZERO;
  #accepted: Epoch = EPOCH_ZERO;
  #server: Server | null = null;
  readonly #askers = new Set<Link<ElectionReply[]>>();

  constructor(identity: ElectorIdentity, address: string) {
    this.identity = identity;
    this.address = address;
  }

  async start(): Promise<void> {
    const settings = { messageBytes: limits.linkMessageBytes, concurrentStreams: 100 };
    const server = createGrpcServer(settings);
    serveLink(server, electionBoundary, (link) => this.#asker(link), limits);
    serveLink(
      server,
      broadcastBoundary,
      (link) => {
        const conversation = new Conversation<LeaderMessage[], LearnerMessage>();
        conversation.link = link;
        this.learners.push(conversation);
        return conversation.handlers;
      },
      limits,
    );
    await listen(server, this.address);
    this.#server = server;
  }

  /** As a crash would. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = null;
    this.#askers.clear();
  }

  /** Says to all who ask it that it leads this epoch. */
  lead(epoch: Epoch): void {
    this.#leads = epoch;
    this.#accepted = epoch;
    for (const link of this.#askers) link.send([this.#state()]);
  }

  /** The link on which the stage follows it, by number from 1 on. */
  async learner(number: number): Promise<Conversation<LeaderMessage[], LearnerMessage>> {
    await until(`learner ${number}`, () => this.learners.length >= number);
    const learner = this.learners[number - 1];
    if (learner === undefined) throw new Error('there is none');
    return learner;
  }

  /** Dials the stage to ask for its vote, and says who it is. */
  askForVotes(
    neighbours: DiallingNeighbours,
    address: string,
  ): Conversation<ElectionRequest[], ElectionReply> {
    const asking = neighbours.dial(electionBoundary, address, listed<ElectionReply>);
    asking.say([{ kind: 'introduce', identity: this.identity }]);
    return asking;
  }

  /** Dials the stage as its leader. */
  follow(
    neighbours: DiallingNeighbours,
    address: string,
  ): Conversation<LearnerMessage[], LeaderMessage> {
    const following = neighbours.dial(broadcastBoundary, address, listed<LeaderMessage>);
    const { replica, incarnation, clusterId } = this.identity;
    const acceptedEpoch = this.#accepted;
    following.say([{ kind: 'follow', replica, incarnation, clusterId, acceptedEpoch }]);
    return following;
  }

  #state(): ElectionReply {
    return {
      kind: 'state',
      identity: this.identity,
      acceptedEpoch: this.#accepted,
      leads: this.#leads,
    };
  }

  #asker(link: Link<ElectionReply[]>): LinkHandlers<ElectionRequest[]> {
    this.#askers.add(link);
    link.send([this.#state()]);
    return {
      received: (batch) => {
        for (const request of batch) this.#answer(link, request);
      },
      drained: () => undefined,
      ended: () => void this.#askers.delete(link),
    };
  }

  #answer(link: Link<ElectionReply[]>, request: ElectionRequest): void {
    const granted = this.grants;
    if (request.kind === 'preVote') {
      const { ballot } = request;
      link.send([{ kind: 'preVoteAnswer', ballot, granted, acceptedEpoch: this.#accepted }]);
    } else if (request.kind === 'vote') {
      const { epoch } = request;
      this.asked.push(epoch);
      if (granted) this.#accepted = epoch;
      link.send([{ kind: 'voteAnswer', epoch, granted, acceptedEpoch: this.#accepted }]);
    }
  }
}
