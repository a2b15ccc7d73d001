// The backups of protos/paddock/client/v1/history.proto.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { SnapshotReply } from '@paddock/model';
import { countOf, frameBytesOf, zxidOf } from './fields.ts';
import { WireError } from './wire-error.ts';

/** A part of a backup, as a client is sent it. */
export type BackupPart = Exclude<SnapshotReply, { readonly kind: 'backupHeld' }>;

export function writeBackupPart(part: BackupPart): paddock.client.v1.BackupResponse.$Properties {
  switch (part.kind) {
    case 'snapshotBegins':
      return {
        begins: {
          zxidEpoch: epochOf(part.zxid),
          zxidCounter: counterOf(part.zxid),
          bytes: part.bytes,
        },
      };
    case 'chunk':
      return { chunk: part.chunk };
    case 'snapshotEnds':
      return { ends: { chunks: part.chunks } };
  }
}

export function readBackupPart(message: paddock.client.v1.BackupResponse.$Shape): BackupPart {
  switch (message.kind) {
    case 'begins': {
      const { begins } = message;
      return {
        kind: 'snapshotBegins',
        zxid: zxidOf(begins.zxidEpoch, begins.zxidCounter, 'backup zxid'),
        bytes: countOf(begins.bytes, 'backup bytes'),
      };
    }
    case 'chunk':
      return { kind: 'chunk', chunk: frameBytesOf(message.chunk, 'backup chunk') };
    case 'ends':
      return { kind: 'snapshotEnds', chunks: countOf(message.ends.chunks, 'backup chunks') };
    case undefined:
      throw new WireError('backup response', 'has no kind');
  }
}
