import { decodeTransaction } from '@paddock/codec';
import {
  assert,
  DEFAULT_TIMING,
  ephemeralCost,
  isAbove,
  isNoQuota,
  NO_SESSION,
  parentPath,
  reapedAt,
  ROOT,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  Change,
  LogEntry,
  LookUpAnswer,
  LookUpQuery,
  LookUpReply,
  LookUpRequest,
  Quota,
  SessionId,
  SessionRow,
  Transaction,
  ZnodeCreation,
  ZnodePath,
  ZnodeRecord,
  Zxid,
} from '@paddock/model';

const ROOT_RECORD: ZnodeRecord = {
  ...{ version: 0, cversion: 0, creates: 0, numChildren: 0, ephemeralOwner: NO_SESSION },
  dataLength: 0,
  ...{ kind: 'persistent', ttlMs: 0, mtime: 0, czxid: ZXID_ZERO, mzxid: ZXID_ZERO },
};

interface Row {
  record: ZnodeRecord;
  data: Uint8Array;
}

type Occasion = Pick<Transaction, 'zxid' | 'time'>;

type Deletion = { readonly path: ZnodePath; readonly parentCversion: number };

/**
 * A database for tests: a map of paths that applies what the processor proposed, when it is told to, and holds every
 * transaction against what it must say: a wrong one is an error here, not a wrong tree.
 */
export class NaiveDatabase {
  readonly log: LogEntry[] = [];
  readonly base: Zxid;
  znodes = new Map<ZnodePath, Row>();
  sessions = new Map<SessionId, SessionRow>();
  quotas = new Map<ZnodePath, Quota>();
  /** Every transaction applied, as decoded. */
  transactions: Transaction[] = [];
  applied: Zxid;
  oldestTombstone: Zxid = ZXID_ZERO;
  #index = 0;
  #time = 0;

  constructor(base: Zxid = ZXID_ZERO) {
    this.base = base;
    this.applied = base;
    this.#reset();
  }

  #reset(): void {
    this.#index = 0;
    this.applied = this.base;
    this.transactions = [];
    this.sessions = new Map();
    this.quotas = new Map();
    this.znodes = new Map();
    this.znodes.set(ROOT, { record: ROOT_RECORD, data: new Uint8Array() });
  }

  get unapplied(): number {
    return this.log.length - this.#index;
  }

  get appliedCount(): number {
    return this.#index;
  }

  applyNext(count: number): void {
    for (let i = 0; i < count; i++) {
      const entry = this.log[this.#index];
      if (entry === undefined) return;
      this.#index++;
      if (entry.kind === 'data') this.#apply(decodeTransaction(entry.zxid, entry.payload));
      this.applied = entry.zxid;
    }
  }

  /** As after a crash: only the first entries are applied. */
  restart(count: number): void {
    this.#reset();
    this.applyNext(count);
  }

  /** Null while the look-up is parked. */
  answer(request: LookUpRequest): LookUpReply | null {
    if (this.applied < request.floor) return null;
    const answer = this.#lookUp(request.query);
    return { kind: 'answer', lookUp: request.lookUp, zxid: this.applied, answer };
  }

  #lookUp(query: LookUpQuery): LookUpAnswer {
    switch (query.kind) {
      case 'znodes': {
        const records = query.paths.map((path) => this.znodes.get(path)?.record ?? null);
        return { kind: 'znodes', records };
      }
      case 'ephemerals': {
        const ephemerals = [...this.znodes]
          .filter(([, row]) => row.record.ephemeralOwner === query.session)
          .map(([path]) => {
            const parent = parentPath(path);
            const { dataLength } = this.#get(path).record;
            return { path, parent, dataLength, parentRecord: this.#get(parent).record };
          });
        return { kind: 'ephemerals', ephemerals };
      }
      case 'sessions': {
        const rows = [...this.sessions.values()]
          .filter((it) => it.session > query.after)
          .sort((a, b) => a.session - b.session);
        const page = rows.slice(0, query.limit);
        return { kind: 'sessions', rows: page, more: page.length < rows.length };
      }
      case 'subtree': {
        const prefix = query.path === ROOT ? ROOT : `${query.path}/`;
        const znodes = [...this.znodes]
          .filter(([path]) => path === query.path || path.startsWith(prefix))
          .map(([path, { record }]) => ({ path, record }));
        return {
          kind: 'subtree',
          znodes: znodes.slice(0, query.limit),
          more: znodes.length > query.limit,
        };
      }
      case 'data':
        return { kind: 'data', data: query.paths.map((it) => this.znodes.get(it)?.data ?? null) };
      case 'reapable':
        return { kind: 'reapable', paths: this.#reapable(query.time) };
      case 'termStart':
        return {
          kind: 'termStart',
          time: this.#time,
          oldestTombstone: this.oldestTombstone,
          quotas: [...this.quotas].map(([path, quota]) => ({ path, quota, ...this.use(path) })),
        };
      case 'subtreeUse':
        return { kind: 'subtreeUse', ...this.use(query.path) };
    }
  }

  #get(path: ZnodePath): Row {
    const row = this.znodes.get(path);
    assert(row !== undefined, `${path} exists in the database`);
    return row;
  }

  #apply(transaction: Transaction): void {
    const before = this.transactions.at(-1);
    assert(before === undefined || before.time <= transaction.time, 'time does not go back');
    this.transactions.push(transaction);
    this.#time = transaction.time;
    this.#change(transaction.change, transaction);
    const row = this.sessions.get(transaction.session);
    if (row === undefined) return;
    assert(transaction.sequence === row.lastSequence + 1, 'sequences leave no gap');
    this.sessions.set(row.session, { ...row, lastSequence: transaction.sequence });
  }

  #change(change: Change, occasion: Occasion): void {
    switch (change.kind) {
      case 'createZnode':
        this.#create(change, occasion);
        break;
      case 'setZnodeData': {
        const row = this.#get(change.path);
        assert(change.version === row.record.version + 1, `the version of ${change.path} is next`);
        this.znodes.set(change.path, {
          record: {
            ...row.record,
            version: change.version,
            dataLength: change.data.length,
            mtime: occasion.time,
            mzxid: occasion.zxid,
          },
          data: change.data.slice(),
        });
        this.#holdAgainstQuotas(change.path, 0, change.data.length - row.data.length);
        break;
      }
      case 'setZnodeAcl': {
        const row = this.#get(change.path);
        const { acl, version } = change;
        row.record = { ...row.record, access: { acl, version } };
        break;
      }
      case 'deleteZnode':
        this.#delete(change);
        break;
      case 'transaction':
        for (const step of change.steps) {
          if ('edits' in step) for (const edit of step.edits) this.#change(edit, occasion);
        }
        break;
      case 'openSession': {
        assert(!this.sessions.has(change.session), 'a session is opened once');
        const { session, timeoutMs, secretHash, attachment } = change;
        const row = { session, timeoutMs, secretHash, attachment };
        this.sessions.set(session, { ...row, lastSequence: 0, ephemeralBytes: 0 });
        break;
      }
      case 'resumeSession': {
        const row = this.sessions.get(change.session);
        assert(row !== undefined, 'a resumed session exists');
        this.sessions.set(change.session, { ...row, attachment: change.attachment });
        break;
      }
      case 'closeSession':
        assert(this.sessions.delete(change.session), 'a closed session exists');
        for (const it of change.znodes) {
          assert(
            this.#get(it.path).record.ephemeralOwner === change.session,
            `${it.path} is an ephemeral of the closed session`,
          );
          this.#delete(it);
        }
        for (const [path, row] of this.znodes) {
          assert(row.record.ephemeralOwner !== change.session, `${path} ends with its session`);
        }
        break;
      case 'setQuota':
        this.#get(change.path);
        if (isNoQuota(change.quota)) this.quotas.delete(change.path);
        else this.quotas.set(change.path, change.quota);
        break;
      case 'failed':
      case 'acknowledgeOutcomes':
      case 'dropTombstones':
        break;
    }
  }

  #reapable(time: number): ZnodePath[] {
    const { unusedContainerMs } = DEFAULT_TIMING;
    return [...this.znodes]
      .filter(([, { record }]) => reapedAt(record, unusedContainerMs) <= time)
      .map(([path]) => path);
  }

  #create(change: ZnodeCreation, occasion: Occasion): void {
    const { path, data, ephemeralOwner, parentCversion, parentCreates } = change;
    assert(!this.znodes.has(path), `${path} is created once`);
    const parent = this.#get(parentPath(path));
    const { record } = parent;
    assert(record.ephemeralOwner === NO_SESSION, 'an ephemeral has no children');
    assert(parentCversion === record.cversion + 1, `the cversion above ${path} is next`);
    assert(parentCreates === record.creates + 1, `the count of creations above ${path} is next`);
    const numChildren = record.numChildren + 1;
    const cversion = parentCversion;
    parent.record = { ...record, cversion, creates: parentCreates, numChildren };
    this.znodes.set(path, { record: newborn(change, occasion), data: data.slice() });
    this.#weigh(ephemeralOwner, ephemeralCost(path.length));
    this.#holdAgainstQuotas(path, 1, data.length);
  }

  #delete(deletion: Deletion): void {
    const { path, parentCversion } = deletion;
    const { record: own } = this.#get(path);
    assert(own.numChildren === 0, `${path} is empty`);
    const parent = this.#get(parentPath(path));
    assert(parentCversion === parent.record.cversion + 1, `the cversion above ${path} is next`);
    const numChildren = parent.record.numChildren - 1;
    parent.record = { ...parent.record, cversion: parentCversion, numChildren };
    this.znodes.delete(path);
    this.quotas.delete(path);
    this.#weigh(own.ephemeralOwner, -ephemeralCost(path.length));
  }

  /** What the znode and all below it come to. */
  use(path: ZnodePath): { count: number; bytes: number } {
    const prefix = path === ROOT ? ROOT : `${path}/`;
    const rows = [...this.znodes].filter(([it]) => it === path || it.startsWith(prefix));
    return { count: rows.length, bytes: rows.reduce((sum, [, row]) => sum + row.data.length, 0) };
  }

  /** No transaction makes more of what is beyond its hard limit then. */
  #holdAgainstQuotas(path: ZnodePath, count: number, bytes: number): void {
    for (const [at, { countHard, bytesHard }] of this.quotas) {
      if (at !== path && !path.startsWith(at === ROOT ? ROOT : `${at}/`)) continue;
      const use = this.use(at);
      assert(
        count <= 0 || !isAbove(use.count, countHard),
        `the count of ${at} is within its quota`,
      );
      assert(
        bytes <= 0 || !isAbove(use.bytes, bytesHard),
        `the bytes of ${at} are within its quota`,
      );
    }
  }

  #weigh(owner: SessionId, bytes: number): void {
    const row = this.sessions.get(owner);
    if (row === undefined) return;
    this.sessions.set(owner, { ...row, ephemeralBytes: row.ephemeralBytes + bytes });
  }
}

function newborn(creation: ZnodeCreation, { time, zxid }: Occasion): ZnodeRecord {
  const { ephemeralOwner, znodeKind: kind, ttlMs, data, acl } = creation;
  return {
    dataLength: data.length,
    ...{ version: 0, cversion: 0, creates: 0, numChildren: 0, ephemeralOwner },
    ...{ kind, ttlMs, mtime: time, czxid: zxid, mzxid: zxid },
    access: acl === undefined ? undefined : { acl, version: 0 },
  };
}
