import { performance } from 'node:perf_hooks';
import { makeSessionId, makeZxid } from '@paddock/model';
import type { NumberedResult, Stat } from '@paddock/model';
import { ClientCore } from '../src/client-core.ts';
import { ClientEffects } from '../src/client-effects.ts';
import type { Submission } from '../src/client-event.ts';
import { DEFAULT_CLIENT_OPTIONS } from '../src/client-options.ts';

const BATCH = 100;
const ROUNDS = 10_000;
const ZXID = makeZxid(1, 1);
const STAT: Stat = {
  czxid: ZXID,
  mzxid: ZXID,
  pzxid: ZXID,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: makeSessionId(1),
  dataLength: 0,
  numChildren: 0,
  kind: 'persistent',
  ttlMs: 0,
};

interface Measurement {
  readonly name: string;
  readonly operations: number;
  readonly perSecond: number;
}

/** Operations through the client's core: submitted, sent, answered and settled, a batch at a time. */
function measure(
  name: string,
  submission: Submission<number>,
  answer: NumberedResult,
): Measurement {
  const effects = new ClientEffects<number>();
  const core = new ClientCore<number>(
    { ...DEFAULT_CLIENT_OPTIONS, servers: ['a:1'] },
    {
      clock: { monotonicMs: () => 0, wallMs: () => 0 },
      random: { below: () => 0, safeInteger: () => 1, bytes: (length) => new Uint8Array(length) },
    },
  );
  let settled = 0;
  const drain = (): void => {
    effects.requests.drain(() => undefined);
    for (const delivery of effects.deliveries) if (delivery.kind === 'settled') settled++;
    effects.clear();
  };
  core.step({ kind: 'tick' }, effects);
  core.step({ kind: 'connected', link: 1 }, effects);
  const secret = new Uint8Array(16);
  const opened = {
    kind: 'opened',
    session: makeSessionId(1),
    secret,
    timeoutMs: 10_000,
    zxid: ZXID,
  } as const;
  core.step({ kind: 'received', link: 1, replies: [opened] }, effects);
  drain();
  const submissions = Array.from({ length: BATCH }, () => submission);
  const results = Array.from({ length: BATCH }, () => answer);
  const startedMs = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    core.step({ kind: 'submit', submissions }, effects);
    drain();
    core.step({ kind: 'received', link: 1, replies: [{ kind: 'results', results }] }, effects);
    drain();
  }
  const seconds = (performance.now() - startedMs) / 1000;
  return { name, operations: settled, perSecond: Math.round(settled / seconds) };
}

export function run(): Measurement[] {
  const read = { kind: 'getData', path: '/app/config', watch: false, atLeast: ZXID } as const;
  const data = new Uint8Array(100);
  const write = { kind: 'setData', path: '/app/config', data, version: -1 } as const;
  const readAnswer = { zxid: ZXID, result: { kind: 'data', data, stat: STAT } } as const;
  const writeAnswer = { zxid: ZXID, result: { kind: 'dataSet', stat: STAT } } as const;
  const name = `client core, batches of ${BATCH}`;
  return [
    measure(`${name}: reads`, { tag: 1, operation: read }, readAnswer),
    measure(`${name}: writes`, { tag: 1, operation: write }, writeAnswer),
  ];
}
