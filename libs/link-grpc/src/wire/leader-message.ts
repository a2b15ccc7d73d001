// Leader → learner, one message.
import { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { LeaderMessage } from '@paddock/model';
import { backupNameOf, countOf, digestOf, leaderEpochOf, zxidOf } from './fields.ts';
import type { MessageSink } from './link-format.ts';
import { readEntries } from './log-entries.ts';
import { writeCommit, writeEntries, writeHeartbeat } from './plain/broadcast.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.broadcast.v1;

type WireMessage = paddock.broadcast.v1.LeaderMessage.$Properties;
/** Those that are written without objects. */
type Plain = 'entries' | 'commit' | 'heartbeat';

export function writeLeaderMessage(message: LeaderMessage, sink: MessageSink): void {
  switch (message.kind) {
    case 'entries':
      writeEntries(message, sink);
      break;
    case 'commit':
      writeCommit(sink.start(), message);
      sink.end();
      break;
    case 'heartbeat':
      writeHeartbeat(sink.start(), message);
      sink.end();
      break;
    default:
      sink.add(wire.LeaderMessage, writeOther(message));
      break;
  }
}

function writeOther(message: Exclude<LeaderMessage, { kind: Plain }>): WireMessage {
  switch (message.kind) {
    case 'newEpoch':
      return { newEpoch: { epoch: message.epoch, databaseAddress: message.databaseAddress } };
    case 'truncate':
      return {
        truncate: { afterEpoch: epochOf(message.after), afterCounter: counterOf(message.after) },
      };
    case 'snapshotNeeded':
      return {
        snapshotNeeded: {
          atLeastEpoch: epochOf(message.atLeast),
          atLeastCounter: counterOf(message.atLeast),
        },
      };
    case 'newLeader':
      return { newLeader: message.epoch };
    case 'upToDate':
      return {
        upToDate: {
          committedEpoch: epochOf(message.committed),
          committedCounter: counterOf(message.committed),
        },
      };
    case 'probed':
      return {
        probed: {
          probe: message.probe,
          floorEpoch: epochOf(message.floor),
          floorCounter: counterOf(message.floor),
        },
      };
    case 'handOver':
      return { handOver: message.replica };
    case 'removed':
      return { removed: message.version };
    case 'backupNeeded':
      return { backupNeeded: message.backup };
    case 'digestVerdict':
      return {
        digestVerdict: {
          zxidEpoch: epochOf(message.zxid),
          zxidCounter: counterOf(message.zxid),
          digest: message.digest,
        },
      };
  }
}

export function readLeaderMessage(
  message: paddock.broadcast.v1.LeaderMessage.$Shape,
): LeaderMessage {
  switch (message.kind) {
    case 'entries': {
      const { entries, committedEpoch, committedCounter } = message.entries;
      return {
        kind: 'entries',
        entries: readEntries(entries),
        committed: zxidOf(committedEpoch, committedCounter, 'entries committed'),
      };
    }
    case 'commit':
      return {
        kind: 'commit',
        zxid: zxidOf(message.commit.zxidEpoch, message.commit.zxidCounter, 'commit zxid'),
      };
    case 'heartbeat':
      return {
        kind: 'heartbeat',
        round: countOf(message.heartbeat.round, 'heartbeat round'),
        held: message.heartbeat.held ?? false,
      };
    case 'newEpoch':
      return {
        kind: 'newEpoch',
        epoch: leaderEpochOf(message.newEpoch.epoch, 'new epoch'),
        databaseAddress: message.newEpoch.databaseAddress ?? '',
      };
    case 'truncate': {
      const { afterEpoch, afterCounter } = message.truncate;
      return { kind: 'truncate', after: zxidOf(afterEpoch, afterCounter, 'truncate after') };
    }
    case 'newLeader':
      return { kind: 'newLeader', epoch: leaderEpochOf(message.newLeader, 'new leader') };
    default:
      return readRare(message);
  }
}

/** What a learner is told once, or now and then. */
function readRare(message: paddock.broadcast.v1.LeaderMessage.$Shape): LeaderMessage {
  switch (message.kind) {
    case 'snapshotNeeded': {
      const needed = message.snapshotNeeded;
      return {
        kind: 'snapshotNeeded',
        atLeast: zxidOf(needed.atLeastEpoch, needed.atLeastCounter, 'snapshot at least'),
      };
    }
    case 'upToDate': {
      const { committedEpoch, committedCounter } = message.upToDate;
      return {
        kind: 'upToDate',
        committed: zxidOf(committedEpoch, committedCounter, 'up to date'),
      };
    }
    case 'probed': {
      const { probed } = message;
      return {
        kind: 'probed',
        probe: countOf(probed.probe, 'probe'),
        floor: zxidOf(probed.floorEpoch, probed.floorCounter, 'probed floor'),
      };
    }
    case 'digestVerdict': {
      const { digest, zxidEpoch, zxidCounter } = message.digestVerdict;
      const isKnown = digest !== null && digest !== undefined;
      return {
        kind: 'digestVerdict',
        zxid: zxidOf(zxidEpoch, zxidCounter, 'digest zxid'),
        digest: isKnown ? digestOf(digest, 'digest') : null,
      };
    }
    case 'handOver':
      return { kind: 'handOver', replica: countOf(message.handOver, 'hand over replica') };
    case 'removed':
      return { kind: 'removed', version: countOf(message.removed, 'removed version') };
    case 'backupNeeded':
      return { kind: 'backupNeeded', backup: backupNameOf(message.backupNeeded, 'backup needed') };
    default:
      throw new WireError('leader message', 'has no kind');
  }
}
