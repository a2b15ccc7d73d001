import type { ElectionReply, ElectionRequest, LeaderMessage, LearnerMessage } from '@paddock/model';
import type { LinkObserver } from '../kernel/simulated-network.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';
import type { BroadcastRecord } from './broadcast-record.ts';

/** Notes what one broadcaster promises another one that asks for votes. */
export function observeElection(
  record: BroadcastRecord,
  candidate: VirtualProcess,
): LinkObserver<ElectionRequest[], ElectionReply[]> {
  let incarnation = 0;
  return {
    down: (batch, { place: replica }) => {
      for (const message of batch) {
        if (message.kind === 'state') incarnation = message.identity.incarnation;
        const { acceptedEpoch } = message;
        record.promised({ replica, incarnation, acceptedEpoch });
        if (message.kind !== 'voteAnswer' || !message.granted) continue;
        record.voted({ replica, incarnation, epoch: message.epoch, candidate: candidate.name });
      }
      return batch;
    },
  };
}

/** Notes what a learner and its leader tell each other. */
export function observeBroadcast(
  record: BroadcastRecord,
  learner: VirtualProcess,
): LinkObserver<LearnerMessage[], LeaderMessage[]> {
  const replica = learner.place;
  let incarnation = 0;
  let committed = 0;
  return {
    up: (batch) => {
      for (const message of batch) {
        switch (message.kind) {
          case 'follow':
            incarnation = message.incarnation;
            record.promised({ replica, incarnation, acceptedEpoch: message.acceptedEpoch });
            break;
          case 'epochAccepted':
            record.promised({ replica, incarnation, acceptedEpoch: message.epoch });
            record.hasHistory(replica, incarnation, message.history.lastZxid);
            break;
          case 'position':
            record.repositioned(replica, incarnation, message.lastZxid);
            break;
          case 'ack':
            record.acknowledged(replica, incarnation, message.zxid);
            break;
          default:
        }
      }
      return batch;
    },
    down: (batch, leader) => {
      for (const message of batch) {
        switch (message.kind) {
          // Not "newEpoch": that may still ask whether it may lead.
          case 'newLeader':
            record.leads(message.epoch, leader.name);
            break;
          case 'truncate':
            // Obeyed, perhaps, also where it dies before it says so.
            record.toldToCut(replica, incarnation, message.after);
            break;
          case 'entries':
          case 'upToDate':
            committed = record.toldCommitted(learner.name, committed, message.committed);
            break;
          case 'commit':
            committed = record.toldCommitted(learner.name, committed, message.zxid);
            break;
          default:
        }
      }
      return batch;
    },
  };
}
