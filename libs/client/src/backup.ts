import { HistoryService } from '@paddock/contracts';
import { callStream, readBackupPart, StreamCallError } from '@paddock/link-grpc';
import { counterOf, encodeText, epochOf, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { callTermsOf } from './caller.ts';
import type { CallerOptions } from './caller.ts';
import { firstAnswering, streamFailure } from './stream-answer.ts';
import type { StreamCall } from './stream-answer.ts';
import { PaddockError } from './paddock-error.ts';

export interface BackupOptions extends CallerOptions {
  /** "super:password", where the servers have a superDigest; without it they have one for callers on their machine. */
  readonly credential?: string;
  /** It holds at least what was written up to there; otherwise the newest snapshot that the replica has is taken. */
  readonly atLeast?: Zxid;
}

export interface Backup {
  readonly zxid: Zxid;
  /** Of the snapshot's file. */
  readonly bytes: number;
  /** Fails with a PaddockError where it breaks off. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Begins to fetch a backup: the tree at one zxid, while writes go on. Fails with a PaddockError. */
export async function fetchBackup(options: BackupOptions = {}): Promise<Backup> {
  const atLeast = options.atLeast ?? ZXID_ZERO;
  const request = { atLeastEpoch: epochOf(atLeast), atLeastCounter: counterOf(atLeast) };
  const { credential: password, credentials = [] } = options;
  const asSuper =
    password === undefined ? [] : [{ scheme: 'digest', credential: encodeText(password) }];
  const shown = [...asSuper, ...credentials];
  const terms = await callTermsOf({ ...options, credentials: shown }, 0);
  const call = { ...terms, verb: 'backup', path: '' };
  return firstAnswering(call, async (server) => {
    const messages = callStream(server, HistoryService.backup, request, call.terms);
    const first = await messages.next();
    const begins = first.done === true ? null : readBackupPart(first.value);
    if (begins?.kind !== 'snapshotBegins') throw brokenOff();
    const { zxid, bytes } = begins;
    return { zxid, bytes, chunks: chunksOf(call, messages) };
  });
}

type BackupMessage = Parameters<typeof readBackupPart>[0];

async function* chunksOf(
  call: StreamCall,
  messages: AsyncIterable<BackupMessage>,
): AsyncGenerator<Uint8Array, undefined> {
  let count = 0;
  try {
    for await (const message of messages) {
      const part = readBackupPart(message);
      if (part.kind === 'snapshotEnds' && part.chunks === count) return;
      if (part.kind !== 'chunk') break;
      count++;
      yield part.chunk;
    }
  } catch (error) {
    throw error instanceof StreamCallError ? streamFailure(error, call) : error;
  }
  throw brokenOff();
}

function brokenOff(): PaddockError {
  return new PaddockError('connectionLoss', '', 'backup: it broke off before its end');
}
