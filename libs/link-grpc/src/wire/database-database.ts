// Replicated database ↔ replicated database: libs/model/src/links/snapshot-transfer.ts on the wire.
import { paddock, SnapshotService } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { SnapshotReply, SnapshotRequest } from '@paddock/model';
import { backupNameOf, countOf, frameBytesOf, zxidOf } from './fields.ts';
import { linkFormat, type MessageSink } from './link-format.ts';
import { batchReader, noneIsFrequent } from './plain/read-batch.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.database_database.v1;

function writeRequest(request: SnapshotRequest, sink: MessageSink): void {
  switch (request.kind) {
    case 'fetch': {
      const { atLeast } = request;
      sink.add(wire.SnapshotRequest, {
        fetch: { atLeastEpoch: epochOf(atLeast), atLeastCounter: counterOf(atLeast) },
      });
      break;
    }
    case 'fetchBackup':
      sink.add(wire.SnapshotRequest, { fetchBackup: request.backup });
      break;
    case 'offerBackup':
      sink.add(wire.SnapshotRequest, { offerBackup: request.backup });
      break;
    case 'backupChunk':
      // As a chunk that comes down.
      sink.start().presentBytes(4, request.chunk);
      sink.end();
      break;
    case 'backupEnds':
      sink.add(wire.SnapshotRequest, { backupEnds: request.chunks });
      break;
  }
}

function readRequest(
  message: paddock.database_database.v1.SnapshotRequest.$Shape,
): SnapshotRequest {
  switch (message.kind) {
    case 'fetch': {
      const { atLeastEpoch, atLeastCounter } = message.fetch;
      return { kind: 'fetch', atLeast: zxidOf(atLeastEpoch, atLeastCounter, 'fetch at least') };
    }
    case 'fetchBackup':
      return { kind: 'fetchBackup', backup: backupNameOf(message.fetchBackup, 'fetch backup') };
    case 'offerBackup':
      return { kind: 'offerBackup', backup: backupNameOf(message.offerBackup, 'offer backup') };
    case 'backupChunk':
      return { kind: 'backupChunk', chunk: frameBytesOf(message.backupChunk, 'backup chunk') };
    case 'backupEnds':
      return { kind: 'backupEnds', chunks: countOf(message.backupEnds, 'backup chunks') };
    case undefined:
      throw new WireError('snapshot request', 'has no kind');
  }
}

function writeReply(reply: SnapshotReply, sink: MessageSink): void {
  switch (reply.kind) {
    case 'chunk':
      // Without its generated class: one copy less of what is large.
      sink.start().presentBytes(1, reply.chunk);
      sink.end();
      break;
    case 'snapshotBegins':
      sink.add(wire.SnapshotReply, {
        snapshotBegins: {
          zxidEpoch: epochOf(reply.zxid),
          zxidCounter: counterOf(reply.zxid),
          bytes: reply.bytes,
        },
      });
      break;
    case 'snapshotEnds':
      sink.add(wire.SnapshotReply, { snapshotEnds: reply.chunks });
      break;
    case 'backupHeld':
      sink.add(wire.SnapshotReply, { backupHeld: reply.backup });
      break;
  }
}

function readReply(message: paddock.database_database.v1.SnapshotReply.$Shape): SnapshotReply {
  switch (message.kind) {
    case 'chunk':
      return { kind: 'chunk', chunk: frameBytesOf(message.chunk, 'chunk') };
    case 'snapshotBegins': {
      const begins = message.snapshotBegins;
      return {
        kind: 'snapshotBegins',
        zxid: zxidOf(begins.zxidEpoch, begins.zxidCounter, 'snapshot zxid'),
        bytes: countOf(begins.bytes, 'snapshot bytes'),
      };
    }
    case 'snapshotEnds':
      return { kind: 'snapshotEnds', chunks: countOf(message.snapshotEnds, 'snapshot chunks') };
    case 'backupHeld':
      return { kind: 'backupHeld', backup: backupNameOf(message.backupHeld, 'backup held') };
    case undefined:
      throw new WireError('snapshot reply', 'has no kind');
  }
}

export const databaseDatabase = {
  method: SnapshotService.link,
  dialler: linkFormat<SnapshotRequest[], SnapshotReply[]>({
    write: (batch, sink) => {
      for (const request of batch) writeRequest(request, sink);
    },
    read: batchReader({
      message: wire.SnapshotReply,
      batch: wire.LinkResponse,
      readPlain: noneIsFrequent,
      read: readReply,
    }),
  }),
  acceptor: linkFormat<SnapshotReply[], SnapshotRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) writeReply(reply, sink);
    },
    read: batchReader({
      message: wire.SnapshotRequest,
      batch: wire.LinkRequest,
      readPlain: noneIsFrequent,
      read: readRequest,
    }),
  }),
};
