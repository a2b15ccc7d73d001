import { parseArgs } from 'node:util';
import { BenchmarkError } from './benchmark-error.ts';
import { benchmarkClientLibrary } from './client-library.ts';
import { benchmarkEnsembleWrites } from './ensemble/ensemble-writes.ts';
import { benchmarkLeaderKill } from './ensemble/leader-kill.ts';
import { benchmarkObservers } from './ensemble/observers.ts';
import { benchmarkLargeDirectory } from './large-directory.ts';
import { benchmarkManyWaiters } from './many-waiters.ts';
import { benchmarkManyWatches } from './many-watches.ts';
import { benchmarkSnapshotStall } from './snapshot-stall.ts';
import { benchmarkStage, STAGES } from './stage-benchmark.ts';
import { benchmarkTwoFrontends } from './two-frontends.ts';
import { benchmarkWhole } from './whole.ts';
import { benchmarkZnodeMemory } from './znode-memory.ts';

const HELP = `npm run bench -- [options]           the whole service beside its floors
npx nx bench STAGE                   one stage: its core, and its gRPC link
npm run bench -- client               one session of the library: calls a second, CPU, memory, size
npm run bench -- two-frontends       reads a second with one front-end and with two
npm run bench -- snapshot-stall      latencies while a snapshot is taken; a restart
npm run bench -- many-watches         one write that fires 100,000 watches, and what others notice
npm run bench -- many-waiters         a thousand sessions that wait for one lock: watches, wake-ups, requests
npm run bench -- large-directory      a znode with a million children: created, paged, counted, deleted
npm run bench -- znode-memory        bytes a znode, in three ways
npm run bench -- ensemble-writes     pipelined writes on three replicas, and what each costs between them
npm run bench -- observers           reads and writes a second, with an observer and without
npm run bench -- leader-kill         how long nothing is written when the leader dies, and where that time goes

Options
  --json           one JSON object
  --quick          one short round
  --only NAMES     some of it: fused-reads,split-writes or reads or split
                   (reads, writes, creates, reads-alone, writes-alone; floor, fused, split)
  --profile DIR    fresh servers with --cpu-prof for each case; prints where they spend their time
  --batch N        operations in one message of the driver, at most (default 1000)
  --kills N        of leader-kill (default 10)
  --clients N      of leader-kill (default 50)
  --voters N       of an ensemble (default 3)
  --data DIR       where the data are kept while it runs (default: the system's temporary directory)
  -h, --help       this text
`;

const DEFAULT_BATCH = 1000;
const ZNODES = 1_000_000;
const QUICK_ZNODES = 100_000;

function options() {
  return parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      profile: { type: 'string' },
      batch: { type: 'string', default: String(DEFAULT_BATCH) },
      data: { type: 'string' },
      kills: { type: 'string', default: '10' },
      clients: { type: 'string', default: '50' },
      voters: { type: 'string', default: '3' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

async function main(): Promise<void> {
  const { values, positionals } = options();
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [what] = positionals;
  const { json, quick, profile, data } = values;
  const stage = what === undefined ? undefined : STAGES[what];
  if (what === undefined) {
    const only = values.only.split(',').filter((name) => name !== '');
    await benchmarkWhole({ json, quick, profile, data, batch: Number(values.batch), only });
  } else if (stage !== undefined) {
    await benchmarkStage(stage, json);
  } else if (what === 'client') {
    await benchmarkClientLibrary({ json, quick, data });
  } else if (what === 'two-frontends') {
    await benchmarkTwoFrontends({ json, quick, data });
  } else if (what === 'snapshot-stall') {
    await benchmarkSnapshotStall({ json, quick, data });
  } else if (what === 'many-watches') {
    await benchmarkManyWatches({ json, quick, data });
  } else if (what === 'many-waiters') {
    await benchmarkManyWaiters({ json, quick, data });
  } else if (what === 'large-directory') {
    await benchmarkLargeDirectory({ json, quick, data });
  } else if (what === 'ensemble-writes') {
    await benchmarkEnsembleWrites({ json, quick, data, voters: Number(values.voters) });
  } else if (what === 'observers') {
    await benchmarkObservers({ json, quick, data, voters: Number(values.voters) });
  } else if (what === 'leader-kill') {
    const kills = Number(values.kills);
    const clients = Number(values.clients);
    const voters = Number(values.voters);
    await benchmarkLeaderKill({ json, data, kills, clients, voters });
  } else if (what === 'znode-memory') {
    benchmarkZnodeMemory({ json, znodes: quick ? QUICK_ZNODES : ZNODES });
  } else {
    throw new BenchmarkError(`there is no benchmark "${what}"; --help lists them`);
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof BenchmarkError ? `benchmark: ${error.message}` : error);
  process.exitCode = 1;
}
