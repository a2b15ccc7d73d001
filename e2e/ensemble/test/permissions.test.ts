// Who may do what: every operation of the public API, by nobody, by somebody else, and by whom it is permitted. The
// tables are keyed by what the contracts have: an operation that is added has no row, and neither compiles nor passes.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connect,
  CREATOR_ALL_ACL,
  fetchBackup,
  PaddockError,
  parseAcl,
  readLog,
  step,
} from '@paddock/client';
import type { Acl, Client, ConnectOptions } from '@paddock/client';
import { HistoryService, paddock, SessionService, ZnodeService } from '@paddock/contracts';
import type { Method } from '@paddock/contracts';
import { counterOf, encodeText } from '@paddock/model';
import type { ClientOperation, SessionId } from '@paddock/model';
import { TOKEN_AUDIENCE, TOKEN_ISSUER, TokenIssuer } from '@paddock/compliance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { TOPOLOGIES } from '../src/ensemble.ts';
import { RawGrpc } from '../src/raw-grpc.ts';

type Call = Exclude<keyof typeof ZnodeService, 'watch' | 'snapshot'>;
/** Of a session; what is not known is none, and a subtree is told to a call alone. */
type Operation = Exclude<ClientOperation['kind'], 'unknown' | 'getSubtree'>;
type Codes = readonly [ofNobody: string, ofWrong: string, ofRight: string];

interface Row<By> {
  /** `holder`: a session that has an ephemeral beside the path, whose name is longer. */
  readonly run: (by: By, path: string, holder: SessionId) => Promise<string>;
  readonly expected: Codes;
}

const RIGHT = 'ada:secret';
const WRONG = 'ada:wrong';
const SUPER = 'super:secret';

const OWNERS: Codes = ['noAuth', 'noAuth', 'done'];
const EVERYBODYS: Codes = ['done', 'done', 'done'];
const OPEN_AGAIN: Acl = parseAcl('world:anyone:cdrwa') ?? [];
const QUOTA = { countHard: 1000 };
const ACL = [{ permissions: 31, scheme: 'world', id: 'anyone' }];

async function codeOf(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return 'done';
  expect(error).toBeInstanceOf(PaddockError);
  return error instanceof PaddockError ? error.code : '';
}

const NAMES = new Map<number, string>(
  Object.entries(paddock.client.v1.ErrorCode).map(([name, code]) => [Number(code), name]),
);

/** As the code of a PaddockError: NO_AUTH is noAuth. */
async function codeOfCall<QI, Q extends QI, RI, R extends RI>(
  by: RawGrpc,
  method: Method<'unary', QI, Q, RI, R>,
  request: QI,
): Promise<string> {
  const result = await by.unary(method, request);
  if (result.ok) return 'done';
  const name = NAMES.get(Number(result.end.detail?.code)) ?? result.end.details;
  const words = name.replace('ERROR_CODE_', '').toLowerCase();
  return words.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

const change = { create: { path: '', data: new Uint8Array(0) } };

const CALLS: Readonly<Record<Call, Row<RawGrpc>>> = {
  create: {
    run: (by, path) => codeOfCall(by, ZnodeService.create, { path: `${path}/new` }),
    expected: OWNERS,
  },
  get: { run: (by, path) => codeOfCall(by, ZnodeService.get, { path }), expected: OWNERS },
  set: { run: (by, path) => codeOfCall(by, ZnodeService.set, { path }), expected: OWNERS },
  delete: {
    run: (by, path) => codeOfCall(by, ZnodeService.delete, { path: `${path}/child` }),
    expected: OWNERS,
  },
  transact: {
    run: (by, path) => {
      const then = [{ create: { ...change.create, path: `${path}/new` } }];
      return codeOfCall(by, ZnodeService.transact, { transaction: { then } });
    },
    expected: OWNERS,
  },
  exists: { run: (by, path) => codeOfCall(by, ZnodeService.exists, { path }), expected: OWNERS },
  list: { run: (by, path) => codeOfCall(by, ZnodeService.list, { path }), expected: OWNERS },
  count: { run: (by, path) => codeOfCall(by, ZnodeService.count, { path }), expected: OWNERS },
  readMany: {
    run: async (by, path) => {
      const result = await by.unary(ZnodeService.readMany, { reads: [{ getData: path }] });
      const [read] = result.ok ? result.response.results : [];
      return read?.getData ? 'seen' : 'unseen';
    },
    expected: ['unseen', 'unseen', 'seen'],
  },
  ephemerals: {
    run: async (by, path, session) => {
      const request = { prefix: `${path}-ephemeral`, session };
      const result = await by.unary(ZnodeService.ephemerals, request);
      return result.ok ? `${result.response.paths.length} seen` : 'refused';
    },
    expected: ['0 seen', '0 seen', '1 seen'],
  },
  sessions: { run: (by) => codeOfCall(by, ZnodeService.sessions, {}), expected: OWNERS },
  setQuota: {
    run: (by, path) =>
      codeOfCall(by, ZnodeService.setQuota, { path: `${path}/child`, quota: QUOTA }),
    expected: OWNERS,
  },
  quotas: {
    run: async (by, path) => {
      const result = await by.unary(ZnodeService.quotas, { path });
      return result.ok ? `${result.response.quotas.length} seen` : 'refused';
    },
    expected: ['0 seen', '0 seen', '1 seen'],
  },
  setAcl: {
    run: (by, path) => codeOfCall(by, ZnodeService.setAcl, { path, acl: ACL }),
    expected: OWNERS,
  },
  getAcl: { run: (by, path) => codeOfCall(by, ZnodeService.getAcl, { path }), expected: OWNERS },
  can: {
    run: async (by, path) => {
      const result = await by.unary(ZnodeService.can, { path, permissions: 31 });
      return result.ok ? String(result.response.permitted) : 'refused';
    },
    expected: ['false', 'false', 'true'],
  },
  whoAmI: {
    run: async (by) => {
      const result = await by.unary(ZnodeService.whoAmI, {});
      return result.ok ? `${result.response.identities.length} known` : 'refused';
    },
    expected: ['1 known', '2 known', '2 known'],
  },
  sync: { run: (by) => codeOfCall(by, ZnodeService.sync, {}), expected: EVERYBODYS },
};

const OPERATIONS: Readonly<Record<Operation, Row<Client>>> = {
  create: { run: (by, path) => codeOf(by.create(`${path}/new`)), expected: OWNERS },
  setData: { run: (by, path) => codeOf(by.set(path, '')), expected: OWNERS },
  delete: { run: (by, path) => codeOf(by.delete(`${path}/child`)), expected: OWNERS },
  setAcl: { run: (by, path) => codeOf(by.setAcl(path, OPEN_AGAIN)), expected: OWNERS },
  transaction: {
    run: (by, path) => codeOf(by.multi([step.create(`${path}/a`), step.set(path, '')])),
    expected: OWNERS,
  },
  setQuota: { run: (by, path) => codeOf(by.setQuota(`${path}/child`, QUOTA)), expected: OWNERS },
  getData: { run: (by, path) => codeOf(by.get(path)), expected: OWNERS },
  exists: { run: (by, path) => codeOf(by.exists(path)), expected: OWNERS },
  getChildren: { run: (by, path) => codeOf(by.list(path)), expected: OWNERS },
  getChildrenPage: { run: (by, path) => codeOf(by.list(path, { limit: 1 })), expected: OWNERS },
  countDescendants: { run: (by, path) => codeOf(by.count(path)), expected: OWNERS },
  readMany: {
    run: async (by, path) => {
      const { results } = await by.readMany([{ kind: 'getData', path }]);
      return results[0]?.kind === 'data' ? 'seen' : 'unseen';
    },
    expected: ['unseen', 'unseen', 'seen'],
  },
  getQuotas: {
    run: async (by, path) => `${(await by.quotas(path)).quotas.length} seen`,
    expected: ['0 seen', '0 seen', '1 seen'],
  },
  getEphemerals: {
    run: async (by, path, session) => {
      const { paths } = await by.ephemerals(`${path}-ephemeral`, { session });
      return `${paths.length} seen`;
    },
    expected: ['0 seen', '0 seen', '1 seen'],
  },
  listSessions: { run: (by) => codeOf(by.sessions()), expected: OWNERS },
  getWatches: { run: (by) => codeOf(by.watches()), expected: EVERYBODYS },
  getAcl: { run: (by, path) => codeOf(by.getAcl(path)), expected: OWNERS },
  can: {
    run: async (by, path) => String((await by.can(path, ['read', 'write'])).permitted),
    expected: ['false', 'false', 'true'],
  },
  addAuth: { run: (by) => codeOf(by.addAuth('digest', 'more:x')), expected: EVERYBODYS },
  whoAmI: { run: (by) => codeOf(by.whoAmI()), expected: EVERYBODYS },
  sync: { run: (by) => codeOf(by.sync()), expected: EVERYBODYS },
  // The last: there is no session behind it.
  closeSession: { run: (by) => codeOf(by.close()), expected: EVERYBODYS },
};

/** How those prove who they are whom the tables are about: nobody, somebody else, and whose the znodes are. */
const PROOFS = ['password', 'token'] as const;
type Proof = (typeof PROOFS)[number];

const names = <Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] =>
  Object.keys(table) as Key[];

describe.each(TOPOLOGIES)('permissions, %s', (topology) => {
  let replica: ConfiguredReplica;
  let owner: Client;
  let session: SessionId;
  let clients: Readonly<Record<Proof, readonly Client[]>>;
  let callers: Readonly<Record<Proof, readonly RawGrpc[]>>;
  const issuer = new TokenIssuer('key');
  const keys = mkdtempSync(join(tmpdir(), 'paddock-e2e-keys-'));

  beforeAll(async () => {
    const hash = createHash('sha1').update(SUPER).digest('base64');
    writeFileSync(join(keys, 'jwks.json'), JSON.stringify({ keys: [issuer.jwk] }));
    replica = await ConfiguredReplica.start(topology, {
      superDigest: `super:${hash}`,
      jwt: { keys: join(keys, 'jwks.json'), issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE },
    });
    const servers = replica.address;
    const digest = (it: string) => [{ scheme: 'digest', credential: encodeText(it) }];
    const [wrong, right] = [issuer.token('bob'), issuer.token('ada')];
    owner = await connect({ servers, credentials: digest(RIGHT), token: right });
    const connected = (given: readonly ConnectOptions[]): Promise<Client[]> =>
      Promise.all(given.map((it) => connect({ servers, ...it })));
    clients = {
      password: await connected([{}, ...[WRONG, RIGHT].map((it) => ({ credentials: digest(it) }))]),
      token: await connected([{}, { token: wrong }, { token: right }]),
    };
    const basic = (it: string): string => `Basic ${Buffer.from(it).toString('base64')}`;
    const called = (headers: readonly (string | undefined)[]): RawGrpc[] =>
      headers.map((it) => new RawGrpc(servers, undefined, it));
    callers = {
      password: called([undefined, basic(WRONG), basic(RIGHT)]),
      token: called([undefined, `Bearer ${wrong}`, `bearer ${right}`]),
    };
    session = owner.session ?? expect.fail('the session is not open');
    // Whoever may administer the root operates the ensemble.
    await owner.setAcl('/', parseAcl('world:anyone:cdrw,auth::cdrwa') ?? []);
  });

  afterAll(async () => {
    for (const caller of Object.values(callers).flat()) caller.close();
    for (const client of [...Object.values(clients).flat(), owner]) await client.close();
    await replica.stop();
    rmSync(keys, { recursive: true });
  });

  /** A znode that is its owner's alone, with a child, a quota and an ephemeral beside it. */
  async function own(path: string): Promise<void> {
    await owner.create(path, '', { acl: CREATOR_ALL_ACL });
    await owner.create(`${path}/child`);
    await owner.setQuota(path, QUOTA);
    await owner.create(`${path}-ephemeral`, '', { mode: 'ephemeral', acl: CREATOR_ALL_ACL });
  }

  /** One after the other: who may do it comes last, and leaves the znode as he likes. */
  async function codes<By>(row: Row<By>, by: readonly By[], path: string): Promise<string[]> {
    await own(path);
    const found: string[] = [];
    for (const it of by) found.push(await row.run(it, path, session));
    return found;
  }

  it('cover all that the contracts have', () => {
    expect([...names(CALLS), 'watch', 'snapshot'].sort()).toEqual(Object.keys(ZnodeService).sort());
    expect(Object.keys(SessionService)).toEqual(['session']);
    expect(Object.keys(HistoryService)).toEqual(['log', 'backup']);
  });

  const calls = PROOFS.flatMap((proof) => names(CALLS).map((name) => [proof, name] as const));
  it.each(calls)('decide by %s about the call %s', async (proof, name) => {
    const row = CALLS[name];
    expect(await codes(row, callers[proof], `/${proof}-call-${name}`)).toEqual(row.expected);
  });

  it.each(PROOFS)('decide by %s what the call watch tells', async (proof) => {
    const path = `/${proof}-call-watch`;
    await own(path);
    const { zxid } = await owner.set(path, '1');
    const request = { path, fromEpoch: Math.floor(zxid / 2 ** 32) };
    const streams = callers[proof].map((by) => by.serverStream(ZnodeService.watch, request));
    for (const it of streams) await it.next('it is set', (received) => received[0]);
    await owner.set(path, '2');
    await owner.setAcl(path, OPEN_AGAIN);
    const { zxid: last } = await owner.set(path, '3');
    const told = await Promise.all(
      streams.map((it) =>
        it.next('the change that all may see', (received) => {
          const zxids = received.flatMap(({ event }) => (event ? [event.zxidCounter ?? 0] : []));
          return zxids.includes(counterOf(last)) ? zxids.length : null;
        }),
      ),
    );
    expect(told).toEqual([1, 1, expect.any(Number)]);
    expect(told[2]).toBeGreaterThan(1);
    for (const it of streams) it.cancel();
  });

  it('decide what a snapshot has: nothing of a znode that one may not read', async () => {
    await own('/call-snapshot');
    await owner.create('/call-snapshot-open');
    await owner.create('/call-snapshot-open/hidden', '', { acl: CREATOR_ALL_ACL });
    const codesOf = async (path: string): Promise<string[]> => {
      const streams = callers.password.map((by) =>
        by.serverStream(ZnodeService.snapshot, { path }),
      );
      return Promise.all(
        streams.map(async (it) => {
          const { code } = await it.ended();
          const found = it.received.flatMap(({ znodes }) => znodes?.znodes ?? []);
          return code === 0 ? `${found.length} seen` : 'refused';
        }),
      );
    };
    expect(await codesOf('/call-snapshot')).toEqual(['refused', 'refused', '2 seen']);
    expect(await codesOf('/call-snapshot-open')).toEqual(['1 seen', '1 seen', '2 seen']);
  });

  it('decide about the past: a znode is told to readers, a subtree to its administrators', async () => {
    await own('/call-log');
    const servers = replica.address;
    const asked = [undefined, WRONG, RIGHT].map((credential) => {
      const shown = { scheme: 'digest', credential: encodeText(credential ?? '') };
      return credential === undefined ? { servers } : { servers, credentials: [shown] };
    });
    for (const [path, subtree, expected] of [
      ['/call-log', false, OWNERS],
      ['/call-log/gone', false, OWNERS],
      ['/call-log', true, OWNERS],
      ['/', false, EVERYBODYS],
      ['/', true, OWNERS],
    ] as const) {
      const found = asked.map((it) => codeOf(readLog(path, { ...it, subtree })));
      expect(await Promise.all(found), `${path} ${subtree}`).toEqual(expected);
    }
  });

  it('decide about a backup, which is for super alone', async () => {
    const servers = replica.address;
    const codes = [undefined, WRONG, RIGHT, SUPER].map((credential) =>
      codeOf(fetchBackup(credential === undefined ? { servers } : { servers, credential })),
    );
    expect(await Promise.all(codes)).toEqual(['noAuth', 'noAuth', 'noAuth', 'done']);
  });

  it('let nobody in with a credential that proves nothing', async () => {
    for (const header of ['Basic OnNlY3JldA==', 'Basic', 'Bearer abc', 'ada']) {
      const caller = new RawGrpc(replica.address, undefined, header);
      const found = await codeOfCall(caller, ZnodeService.exists, { path: '/' });
      caller.close();
      expect(found, header).toBe('authFailed');
    }
  });

  const operations = PROOFS.flatMap((it) => names(OPERATIONS).map((name) => [it, name] as const));
  it.each(operations)('decide by %s about the operation %s of a session', async (proof, name) => {
    const row = OPERATIONS[name];
    const path = `/${proof}-operation-${name}`;
    expect(await codes(row, clients[proof], path)).toEqual(row.expected);
  });
});
