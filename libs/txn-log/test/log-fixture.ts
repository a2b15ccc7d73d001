import { makeEpoch, makeZxid } from '@paddock/model';
import type { EnsembleConfiguration, EntryKind, LogEntry, Zxid } from '@paddock/model';
import { MemoryDisk } from '@paddock/link-memory';
import { TxnLog } from '../src/txn-log.ts';
import type { TxnLogHandlers } from '../src/txn-log.ts';
import type { TxnLogError } from '../src/txn-log-error.ts';

export const CONFIGURATION: EnsembleConfiguration = {
  clusterId: 'cluster',
  formatLevel: 1,
  version: 1,
  removed: [],
  members: [{ replica: 1, incarnation: 7, role: 'voter', address: '' }],
};

export function entry(
  epoch: number,
  counter: number,
  text = '',
  kind: EntryKind = 'data',
): LogEntry {
  const payload = new TextEncoder().encode(text === '' ? `${epoch}.${counter}` : text);
  return { zxid: makeZxid(epoch, counter), kind, payload };
}

export function entries(epoch: number, from: number, to: number, text = ''): LogEntry[] {
  const list: LogEntry[] = [];
  for (let counter = from; counter <= to; counter++) list.push(entry(epoch, counter, text));
  return list;
}

export function texts(list: readonly LogEntry[]): string[] {
  return list.map((it) => new TextDecoder().decode(it.payload));
}

export interface FixtureOptions {
  readonly segmentBytes?: number;
  readonly fillBytes?: number;
  readonly configuration?: EnsembleConfiguration;
}

/** A log on a memory disk, and what it has said. */
export class LogFixture implements TxnLogHandlers {
  readonly disk: MemoryDisk;
  readonly log: TxnLog;
  acknowledged: Zxid;
  readonly purges: Zxid[] = [];
  failure: TxnLogError | null = null;

  constructor(disk = new MemoryDisk(), options: FixtureOptions = {}) {
    this.disk = disk;
    const segmentBytes = options.segmentBytes ?? 1_000_000;
    const fillBytes = options.fillBytes ?? 0;
    const initialConfiguration = options.configuration ?? CONFIGURATION;
    this.log = new TxnLog(disk, { segmentBytes, fillBytes, initialConfiguration }, this);
    this.acknowledged = this.log.recovered.lastZxid;
    // As a broadcaster does, before anything of an epoch is appended.
    if (this.log.recovered.epochs.acceptedEpoch === 0) {
      this.log.writeEpochs({ acceptedEpoch: makeEpoch(9), currentEpoch: makeEpoch(9) });
    }
  }

  durable(zxid: Zxid): void {
    this.acknowledged = zxid;
  }

  purged(logStart: Zxid): void {
    this.purges.push(logStart);
  }

  failed(error: TxnLogError): void {
    this.failure = error;
  }

  /** Appends and makes durable, as one batch. */
  write(list: readonly LogEntry[], committed: Zxid = makeZxid(0, 0)): void {
    this.log.append(list, committed);
    this.disk.run();
  }

  all(): LogEntry[] {
    return readAll(this.log);
  }

  get segments(): readonly string[] {
    return this.disk.list().filter((name) => name.startsWith('log.'));
  }

  get lastSegment(): string {
    return this.segments.at(-1) ?? '';
  }
}

export function readAll(log: TxnLog, maxBytes = 1_000_000): LogEntry[] {
  const list: LogEntry[] = [];
  let after = log.logStart;
  for (;;) {
    const some = log.read(after, maxBytes);
    const last = some.at(-1);
    if (last === undefined) return list;
    list.push(...some);
    after = last.zxid;
  }
}
