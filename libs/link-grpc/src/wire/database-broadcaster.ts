// Replicated database ↔ broadcaster: libs/model/src/links/database-broadcaster.ts on the wire.
import { DatabaseBroadcasterService, paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { DeliveryReply, DeliveryRequest } from '@paddock/model';
import { backupNameOf, countOf, digestOf, frameBytesOf, ordinalOf, zxidOf } from './fields.ts';
import { linkFormat, type MessageSink } from './link-format.ts';
import { readEntries } from './log-entries.ts';
import { readPlainDeliveryReply, writeEntries } from './plain/log-entries.ts';
import { batchReader, noneIsFrequent } from './plain/read-batch.ts';
import { WireError } from './wire-error.ts';
import { digestVerdicts } from './words.ts';

const wire = paddock.database_broadcaster.v1;

type WireRequest = paddock.database_broadcaster.v1.DeliveryRequest.$Properties;

function writeRequest(request: DeliveryRequest): WireRequest {
  switch (request.kind) {
    case 'applied':
      return {
        applied: { zxidEpoch: epochOf(request.zxid), zxidCounter: counterOf(request.zxid) },
      };
    case 'deliver':
      return {
        deliver: {
          appliedEpoch: epochOf(request.applied),
          appliedCounter: counterOf(request.applied),
          snapshotEpoch: epochOf(request.snapshot),
          snapshotCounter: counterOf(request.snapshot),
          replica: request.replica,
          incarnation: request.incarnation,
          configuration: request.configuration,
        },
      };
    case 'snapshotVerified':
      return {
        snapshotVerified: {
          zxidEpoch: epochOf(request.zxid),
          zxidCounter: counterOf(request.zxid),
          purgeBelowEpoch: epochOf(request.purgeBelow),
          purgeBelowCounter: counterOf(request.purgeBelow),
        },
      };
    case 'digest':
      return {
        digest: {
          zxidEpoch: epochOf(request.zxid),
          zxidCounter: counterOf(request.zxid),
          digest: request.digest,
        },
      };
    case 'probe':
      return { probe: request.probe };
    case 'backupHeld':
      return { backupHeld: request.backup };
    case 'backupLost':
      return {
        backupLost: { zxidEpoch: epochOf(request.zxid), zxidCounter: counterOf(request.zxid) },
      };
  }
}

function readRequest(
  message: paddock.database_broadcaster.v1.DeliveryRequest.$Shape,
): DeliveryRequest {
  switch (message.kind) {
    case 'applied':
      return {
        kind: 'applied',
        zxid: zxidOf(message.applied.zxidEpoch, message.applied.zxidCounter, 'applied zxid'),
      };
    case 'deliver': {
      const deliver = message.deliver;
      return {
        kind: 'deliver',
        replica: ordinalOf(deliver.replica, 'deliver replica'),
        incarnation: ordinalOf(deliver.incarnation, 'deliver incarnation'),
        applied: zxidOf(deliver.appliedEpoch, deliver.appliedCounter, 'deliver applied'),
        snapshot: zxidOf(deliver.snapshotEpoch, deliver.snapshotCounter, 'deliver snapshot'),
        configuration: frameBytesOf(deliver.configuration, 'deliver configuration'),
      };
    }
    case 'snapshotVerified': {
      const verified = message.snapshotVerified;
      return {
        kind: 'snapshotVerified',
        zxid: zxidOf(verified.zxidEpoch, verified.zxidCounter, 'snapshot zxid'),
        purgeBelow: zxidOf(verified.purgeBelowEpoch, verified.purgeBelowCounter, 'purge below'),
      };
    }
    case 'digest': {
      const digest = message.digest;
      return {
        kind: 'digest',
        zxid: zxidOf(digest.zxidEpoch, digest.zxidCounter, 'digest zxid'),
        digest: digestOf(digest.digest, 'digest'),
      };
    }
    case 'probe':
      return { kind: 'probe', probe: countOf(message.probe, 'probe') };
    case 'backupHeld':
      return { kind: 'backupHeld', backup: backupNameOf(message.backupHeld, 'backup held') };
    case 'backupLost': {
      const { zxidEpoch, zxidCounter } = message.backupLost;
      return { kind: 'backupLost', zxid: zxidOf(zxidEpoch, zxidCounter, 'zxid of a lost backup') };
    }
    case undefined:
      throw new WireError('delivery request', 'has no kind');
  }
}

function writeReply(reply: DeliveryReply, sink: MessageSink): void {
  switch (reply.kind) {
    case 'entries':
      writeEntries(reply, sink);
      break;
    case 'termHeld':
      sink.add(wire.DeliveryReply, { termHeld: reply.held });
      break;
    case 'snapshotNeeded':
      sink.add(wire.DeliveryReply, {
        snapshotNeeded: {
          atLeastEpoch: epochOf(reply.atLeast),
          atLeastCounter: counterOf(reply.atLeast),
          databaseAddress: reply.databaseAddress,
        },
      });
      break;
    case 'backupNeeded':
      sink.add(wire.DeliveryReply, {
        backupNeeded: { backup: reply.backup, databaseAddress: reply.databaseAddress },
      });
      break;
    case 'probed':
      sink.add(wire.DeliveryReply, {
        probed: {
          probe: reply.probe,
          floorEpoch: epochOf(reply.floor),
          floorCounter: counterOf(reply.floor),
        },
      });
      break;
    case 'digestVerdict':
      sink.add(wire.DeliveryReply, {
        digestVerdict: {
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
          verdict: digestVerdicts.write(reply.verdict),
        },
      });
      break;
  }
}

function readReply(message: paddock.database_broadcaster.v1.DeliveryReply.$Shape): DeliveryReply {
  switch (message.kind) {
    case 'entries':
      return { kind: 'entries', entries: readEntries(message.entries.entries) };
    case 'termHeld':
      return { kind: 'termHeld', held: message.termHeld };
    case 'snapshotNeeded': {
      const needed = message.snapshotNeeded;
      return {
        kind: 'snapshotNeeded',
        atLeast: zxidOf(needed.atLeastEpoch, needed.atLeastCounter, 'snapshot at least'),
        databaseAddress: needed.databaseAddress ?? '',
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
      const told = message.digestVerdict;
      return {
        kind: 'digestVerdict',
        zxid: zxidOf(told.zxidEpoch, told.zxidCounter, 'digest zxid'),
        verdict: digestVerdicts.read(told.verdict),
      };
    }
    case 'backupNeeded':
      return {
        kind: 'backupNeeded',
        backup: backupNameOf(message.backupNeeded.backup, 'backup needed'),
        databaseAddress: message.backupNeeded.databaseAddress ?? '',
      };
    case undefined:
      throw new WireError('delivery reply', 'has no kind');
  }
}

export const databaseBroadcaster = {
  method: DatabaseBroadcasterService.link,
  dialler: linkFormat<DeliveryRequest[], DeliveryReply[]>({
    write: (batch, sink) => {
      for (const request of batch) sink.add(wire.DeliveryRequest, writeRequest(request));
    },
    read: batchReader({
      message: wire.DeliveryReply,
      batch: wire.LinkResponse,
      readPlain: readPlainDeliveryReply,
      read: readReply,
    }),
  }),
  acceptor: linkFormat<DeliveryReply[], DeliveryRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) writeReply(reply, sink);
    },
    read: batchReader({
      message: wire.DeliveryRequest,
      batch: wire.LinkRequest,
      readPlain: noneIsFrequent,
      read: readRequest,
    }),
  }),
};
