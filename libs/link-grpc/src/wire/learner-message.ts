// Learner → leader, one message.
import { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { LearnerMessage } from '@paddock/model';
import {
  backupNameOf,
  clusterIdOf,
  countOf,
  digestOf,
  leaderEpochOf,
  ordinalOf,
  zxidOf,
} from './fields.ts';
import type { MessageSink } from './link-format.ts';
import { writeAck } from './plain/broadcast.ts';
import { readHistory, writeHistory } from './stage-values.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.broadcast.v1;

type WireMessage = paddock.broadcast.v1.LearnerMessage.$Properties;

export function writeLearnerMessage(message: LearnerMessage, sink: MessageSink): void {
  if (message.kind === 'ack') {
    writeAck(sink.start(), message);
    sink.end();
  } else {
    sink.add(wire.LearnerMessage, writeOther(message));
  }
}

function writeOther(message: Exclude<LearnerMessage, { kind: 'ack' }>): WireMessage {
  switch (message.kind) {
    case 'follow':
      return {
        follow: {
          replica: message.replica,
          incarnation: message.incarnation,
          clusterId: message.clusterId,
          acceptedEpoch: message.acceptedEpoch,
        },
      };
    case 'epochAccepted':
      return {
        epochAccepted: {
          epoch: message.epoch,
          history: writeHistory(message.history),
          isPromise: message.isPromise,
        },
      };
    case 'position':
      return {
        position: {
          lastEpoch: epochOf(message.lastZxid),
          lastCounter: counterOf(message.lastZxid),
        },
      };
    case 'synchronized':
      return { synchronized: message.epoch };
    case 'heartbeatAck':
      return { heartbeatAck: message.round };
    case 'probe':
      return { probe: message.probe };
    case 'backupHeld':
      return { backupHeld: message.backup };
    case 'digest':
      return {
        digest: {
          zxidEpoch: epochOf(message.zxid),
          zxidCounter: counterOf(message.zxid),
          digest: message.digest,
        },
      };
  }
}

export function readLearnerMessage(
  message: paddock.broadcast.v1.LearnerMessage.$Shape,
): LearnerMessage {
  switch (message.kind) {
    case 'ack':
      return {
        kind: 'ack',
        zxid: zxidOf(message.ack.zxidEpoch, message.ack.zxidCounter, 'ack zxid'),
      };
    case 'follow': {
      const { follow } = message;
      return {
        kind: 'follow',
        replica: ordinalOf(follow.replica, 'follow replica'),
        incarnation: ordinalOf(follow.incarnation, 'follow incarnation'),
        clusterId: clusterIdOf(follow.clusterId, 'follow cluster id'),
        acceptedEpoch: leaderEpochOf(follow.acceptedEpoch, 'accepted epoch'),
      };
    }
    case 'epochAccepted':
      return {
        kind: 'epochAccepted',
        epoch: leaderEpochOf(message.epochAccepted.epoch, 'epoch accepted'),
        history: readHistory(message.epochAccepted.history),
        isPromise: message.epochAccepted.isPromise === true,
      };
    case 'position': {
      const { lastEpoch, lastCounter } = message.position;
      return { kind: 'position', lastZxid: zxidOf(lastEpoch, lastCounter, 'position') };
    }
    case 'synchronized':
      return { kind: 'synchronized', epoch: leaderEpochOf(message.synchronized, 'synchronized') };
    case 'heartbeatAck':
      return { kind: 'heartbeatAck', round: countOf(message.heartbeatAck, 'heartbeat round') };
    case 'probe':
      return { kind: 'probe', probe: countOf(message.probe, 'probe') };
    case 'digest': {
      const { digest } = message;
      return {
        kind: 'digest',
        zxid: zxidOf(digest.zxidEpoch, digest.zxidCounter, 'digest zxid'),
        digest: digestOf(digest.digest, 'digest'),
      };
    }
    case 'backupHeld':
      return { kind: 'backupHeld', backup: backupNameOf(message.backupHeld, 'backup held') };
    case undefined:
      throw new WireError('learner message', 'has no kind');
  }
}
