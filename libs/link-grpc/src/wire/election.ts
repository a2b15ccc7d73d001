// Broadcaster ↔ broadcaster: libs/model/src/links/election.ts on the wire.
import { ElectionService, paddock } from '@paddock/contracts';
import type { ElectionReply, ElectionRequest, ElectorIdentity } from '@paddock/model';
import { clusterIdOf, countOf, leaderEpochOf, ordinalOf, presentOf, type Field } from './fields.ts';
import { linkFormat } from './link-format.ts';
import { batchReader, noneIsFrequent } from './plain/read-batch.ts';
import { readHistory, writeHistory } from './stage-values.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.election.v1;

type WireIdentity = paddock.election.v1.ElectorIdentity.$Properties;

/** More than an ensemble has members. */
const VOTERS_MAX = 1024;

function writeIdentity(identity: ElectorIdentity): WireIdentity {
  return {
    replica: identity.replica,
    incarnation: identity.incarnation,
    clusterId: identity.clusterId,
    voters: identity.voters.slice(),
  };
}

function readIdentity(field: Field<WireIdentity>): ElectorIdentity {
  const identity = presentOf(field, 'identity');
  return {
    replica: ordinalOf(identity.replica, 'identity replica'),
    incarnation: ordinalOf(identity.incarnation, 'identity incarnation'),
    clusterId: clusterIdOf(identity.clusterId, 'identity cluster id'),
    voters: readVoters(identity.voters ?? []),
  };
}

function readVoters(field: readonly number[]): number[] {
  if (field.length > VOTERS_MAX) {
    throw new WireError('voters', `are ${field.length}, more than ${VOTERS_MAX}`);
  }
  const voters: number[] = [];
  let before = 0;
  for (const replica of field) {
    const voter = ordinalOf(replica, 'voter');
    if (voter <= before) {
      throw new WireError('voters', `are not ascending: ${voter} is after ${before}`);
    }
    voters.push(voter);
    before = voter;
  }
  return voters;
}

function writeRequest(request: ElectionRequest): paddock.election.v1.ElectionRequest.$Properties {
  switch (request.kind) {
    case 'introduce':
      return { introduce: writeIdentity(request.identity) };
    case 'preVote':
      return { preVote: { ballot: request.ballot, history: writeHistory(request.history) } };
    case 'vote':
      return { vote: { epoch: request.epoch, history: writeHistory(request.history) } };
  }
}

function readRequest(message: paddock.election.v1.ElectionRequest.$Shape): ElectionRequest {
  switch (message.kind) {
    case 'introduce':
      return { kind: 'introduce', identity: readIdentity(message.introduce) };
    case 'preVote':
      return {
        kind: 'preVote',
        ballot: countOf(message.preVote.ballot, 'ballot'),
        history: readHistory(message.preVote.history),
      };
    case 'vote':
      return {
        kind: 'vote',
        epoch: leaderEpochOf(message.vote.epoch, 'vote epoch'),
        history: readHistory(message.vote.history),
      };
    case undefined:
      throw new WireError('election request', 'has no kind');
  }
}

function writeReply(reply: ElectionReply): paddock.election.v1.ElectionReply.$Properties {
  switch (reply.kind) {
    case 'state':
      return {
        state: {
          identity: writeIdentity(reply.identity),
          acceptedEpoch: reply.acceptedEpoch,
          leads: reply.leads,
        },
      };
    case 'preVoteAnswer':
      return {
        preVoteAnswer: {
          ballot: reply.ballot,
          granted: reply.granted,
          acceptedEpoch: reply.acceptedEpoch,
        },
      };
    case 'voteAnswer':
      return {
        voteAnswer: {
          epoch: reply.epoch,
          granted: reply.granted,
          acceptedEpoch: reply.acceptedEpoch,
        },
      };
  }
}

function readReply(message: paddock.election.v1.ElectionReply.$Shape): ElectionReply {
  switch (message.kind) {
    case 'state': {
      const { state } = message;
      return {
        kind: 'state',
        identity: readIdentity(state.identity),
        acceptedEpoch: leaderEpochOf(state.acceptedEpoch, 'accepted epoch'),
        leads: leaderEpochOf(state.leads, 'epoch led'),
      };
    }
    case 'preVoteAnswer': {
      const answer = message.preVoteAnswer;
      return {
        kind: 'preVoteAnswer',
        ballot: countOf(answer.ballot, 'ballot'),
        granted: answer.granted ?? false,
        acceptedEpoch: leaderEpochOf(answer.acceptedEpoch, 'accepted epoch'),
      };
    }
    case 'voteAnswer': {
      const answer = message.voteAnswer;
      return {
        kind: 'voteAnswer',
        epoch: leaderEpochOf(answer.epoch, 'vote epoch'),
        granted: answer.granted ?? false,
        acceptedEpoch: leaderEpochOf(answer.acceptedEpoch, 'accepted epoch'),
      };
    }
    case undefined:
      throw new WireError('election reply', 'has no kind');
  }
}

export const election = {
  method: ElectionService.link,
  dialler: linkFormat<ElectionRequest[], ElectionReply[]>({
    write: (batch, sink) => {
      for (const request of batch) sink.add(wire.ElectionRequest, writeRequest(request));
    },
    read: batchReader({
      message: wire.ElectionReply,
      batch: wire.LinkResponse,
      readPlain: noneIsFrequent,
      read: readReply,
    }),
  }),
  acceptor: linkFormat<ElectionReply[], ElectionRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) sink.add(wire.ElectionReply, writeReply(reply));
    },
    read: batchReader({
      message: wire.ElectionRequest,
      batch: wire.LinkRequest,
      readPlain: noneIsFrequent,
      read: readRequest,
    }),
  }),
};
