// Replicated database ↔ broadcaster: libs/model/src/links/database-broadcaster.ts on the wire.
import { DatabaseBroadcasterService, paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { DeliveryReply, DeliveryRequest } from '@paddock/model';
import { bytesOf, zxidOf } from './fields.ts';
import { linkFormat, type MessageSink } from './link-format.ts';
import { readEntries } from './log-entries.ts';
import { readPlainDeliveryReply, writeEntries } from './plain/log-entries.ts';
import { batchReader, noneIsFrequent } from './plain/read-batch.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.database_broadcaster.v1;

type WireRequest = paddock.database_broadcaster.v1.DeliveryRequest.$Properties;

const DIGEST_BYTES_MAX = 64;

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
        applied: zxidOf(deliver.appliedEpoch, deliver.appliedCounter, 'deliver applied'),
        snapshot: zxidOf(deliver.snapshotEpoch, deliver.snapshotCounter, 'deliver snapshot'),
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
        digest: bytesOf(digest.digest, DIGEST_BYTES_MAX, 'digest'),
      };
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
      };
    }
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
