import { assert, parentPath, ROOT } from '@paddock/model';
import type {
  EphemeralRecord,
  Limits,
  LookUpAnswer,
  LookUpQuery,
  LookUpRequest,
  SessionId,
  ZnodePath,
  ZnodeRecord,
} from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';
import type { DatabaseEffects } from './database-effects.ts';
import type { DatabaseState } from './database-state.ts';
import { useOf } from './quota-table.ts';
import { linkWaitingBytes, lookUpBytes } from './waiting-bound.ts';

/** Look-ups of one processor that wait for their floor; later ones wait behind, since answers keep the order. */
interface ProcessorStream {
  parked: LookUpRequest[];
  head: number;
  bytes: number;
}

/** The request processors' side: answers true at a named zxid, and what has been applied, asked or not (H5). */
export class LookUps {
  readonly #state: DatabaseState;
  readonly #waitingBytes: number;
  readonly #streams = new Map<number, ProcessorStream>();

  constructor(state: DatabaseState, limits: Limits) {
    this.#state = state;
    this.#waitingBytes = linkWaitingBytes(limits);
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  get parkedCount(): number {
    let count = 0;
    for (const stream of this.#streams.values()) count += stream.parked.length - stream.head;
    return count;
  }

  connected(link: number, out: DatabaseEffects): void {
    this.#streams.set(link, { parked: [], head: 0, bytes: 0 });
    out.processors.push(link, { kind: 'applied', zxid: this.#state.applied });
  }

  received(link: number, batch: readonly LookUpRequest[], out: DatabaseEffects): void {
    const stream = this.#streams.get(link);
    if (stream === undefined) return;
    for (const request of batch) {
      if (stream.head === stream.parked.length && request.floor <= this.#state.applied) {
        this.#answer(link, request, out);
      } else {
        stream.parked.push(request);
        stream.bytes += lookUpBytes(request.query);
      }
    }
    if (stream.bytes > this.#waitingBytes) this.#cut(link, stream.bytes, out);
  }

  ended(link: number): void {
    this.#streams.delete(link);
  }

  closeAll(end: LinkEnd, out: DatabaseEffects): void {
    for (const link of this.#streams.keys()) out.closeProcessors.push({ link, end });
    this.#streams.clear();
  }

  /** After every applied batch. */
  applied(out: DatabaseEffects): void {
    const zxid = this.#state.applied;
    for (const [link, stream] of this.#streams) {
      out.processors.push(link, { kind: 'applied', zxid });
      this.#wake(link, stream, out);
    }
  }

  #cut(link: number, bytes: number, out: DatabaseEffects): void {
    this.ended(link);
    const detail = { link, bytes };
    out.events.push({ level: 'warn', message: 'too much waits for a processor: cut', detail });
    const reason = `${bytes} bytes of look-ups wait for their floor`;
    out.closeProcessors.push({ link, end: { cause: 'refused', reason } });
  }

  #wake(link: number, stream: ProcessorStream, out: DatabaseEffects): void {
    for (;;) {
      const request = stream.parked[stream.head];
      if (request === undefined || request.floor > this.#state.applied) break;
      stream.head += 1;
      stream.bytes -= lookUpBytes(request.query);
      this.#answer(link, request, out);
    }
    if (stream.head === 0) return;
    stream.parked = stream.parked.slice(stream.head);
    stream.head = 0;
  }

  #answer(link: number, request: LookUpRequest, out: DatabaseEffects): void {
    out.processors.push(link, {
      kind: 'answer',
      lookUp: request.lookUp,
      zxid: this.#state.applied,
      answer: this.#find(request.query),
    });
  }

  #find(query: LookUpQuery): LookUpAnswer {
    switch (query.kind) {
      case 'znodes':
        return { kind: 'znodes', records: this.#records(query.paths) };
      case 'ephemerals':
        return { kind: 'ephemerals', ephemerals: this.#ephemerals(query.session) };
      case 'subtree':
        return this.#subtree(query.path, query.limit);
      case 'data':
        return { kind: 'data', data: query.paths.map((path) => this.#data(path)) };
      case 'subtreeUse':
        return { kind: 'subtreeUse', ...useOf(query.path, this.#state.znodes) };
      case 'sessions': {
        const page = this.#state.sessions.page(query.after, query.limit);
        return { kind: 'sessions', rows: page.rows, more: page.more };
      }
      case 'reapable':
        return { kind: 'reapable', paths: this.#state.znodes.due(query.time, query.limit) };
      case 'termStart':
        return {
          kind: 'termStart',
          time: this.#state.time,
          oldestTombstone: this.#state.sessions.oldestTombstone(),
          quotas: this.#state.quotas.uses(ROOT, this.#state.znodes),
        };
    }
  }

  #records(paths: readonly ZnodePath[]): (ZnodeRecord | null)[] {
    const records: (ZnodeRecord | null)[] = [];
    for (const path of paths) {
      const row = this.#state.znodes.find(path);
      records.push(row < 0 ? null : this.#state.znodes.record(row));
    }
    return records;
  }

  #subtree(path: ZnodePath, limit: number): LookUpAnswer {
    const { znodes } = this.#state;
    const rows = znodes.subtree(znodes.find(path), limit + 1);
    const more = rows.length > limit;
    const placed = rows
      .slice(0, limit)
      .map((row) => ({ path: znodes.path(row), record: znodes.record(row) }));
    return { kind: 'subtree', znodes: placed, more };
  }

  #data(path: ZnodePath): Uint8Array | null {
    const row = this.#state.znodes.find(path);
    return row < 0 ? null : this.#state.znodes.data(row);
  }

  #ephemerals(session: SessionId): EphemeralRecord[] {
    const { znodes } = this.#state;
    const ephemerals: EphemeralRecord[] = [];
    for (const path of znodes.ephemerals(session)) {
      const parent = parentPath(path);
      const row = znodes.find(parent);
      assert(row >= 0, `the ephemeral ${path} has no parent`);
      const dataLength = znodes.dataLength(znodes.find(path));
      ephemerals.push({ path, parent, dataLength, parentRecord: znodes.record(row) });
    }
    return ephemerals;
  }
}
