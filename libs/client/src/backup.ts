import { HistoryService } from '@paddock/contracts';
import { callStream, readBackupPart } from '@paddock/link-grpc';
import { counterOf, DEFAULT_LIMITS, encodeText, epochOf, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { authorizationOf } from './authorization.ts';
import { firstAnswering } from './stream-answer.ts';
import { certificatesOf, DEFAULT_SERVERS, parseServers } from './connect.ts';
import type { TlsOptions } from './connect.ts';
import { PaddockError } from './paddock-error.ts';

export interface BackupOptions {
  /** host:port of session front-ends, as a list or separated by commas; the first that answers is asked. */
  readonly servers?: string | readonly string[];
  /** Talks to the servers over TLS; without it nothing is encrypted. */
  readonly tls?: TlsOptions;
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
  const servers = parseServers(options.servers ?? DEFAULT_SERVERS);
  const request = { atLeastEpoch: epochOf(atLeast), atLeastCounter: counterOf(atLeast) };
  const tls = certificatesOf(options.tls);
  const { credential } = options;
  const shown = { scheme: 'digest', credential: encodeText(credential ?? '') };
  const authorization = credential === undefined ? undefined : authorizationOf([shown]);
  const terms = { limits: DEFAULT_LIMITS, timeoutMs: 0, tls, authorization };
  return firstAnswering(servers, 'backup', '', async (server) => {
    const messages = callStream(server, HistoryService.backup, request, terms);
    const first = await messages.next();
    const begins = first.done === true ? null : readBackupPart(first.value);
    if (begins?.kind !== 'snapshotBegins') throw brokenOff();
    const { zxid, bytes } = begins;
    return { zxid, bytes, chunks: chunksOf(messages) };
  });
}

type BackupMessage = Parameters<typeof readBackupPart>[0];

async function* chunksOf(
  messages: AsyncIterable<BackupMessage>,
): AsyncGenerator<Uint8Array, undefined> {
  let count = 0;
  for await (const message of messages) {
    const part = readBackupPart(message);
    if (part.kind === 'chunk') {
      count++;
      yield part.chunk;
    } else if (part.kind === 'snapshotEnds' && part.chunks === count) {
      return;
    } else {
      break;
    }
  }
  throw brokenOff();
}

function brokenOff(): PaddockError {
  return new PaddockError('connectionLoss', '', 'backup: it broke off before its end');
}
