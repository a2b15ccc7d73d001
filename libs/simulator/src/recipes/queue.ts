import { decodeText, PaddockError, step } from '@paddock/client';
import { formatZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { Queue } from '@paddock/recipes';
import type { Job } from '@paddock/recipes';
import type { World } from '../world.ts';
import type { Life, SimulatedRecipe, Turn } from './simulated-recipe.ts';
import { SubtreeHistory } from './subtree-history.ts';
import type { PastState } from './subtree-history.ts';

const QUEUE = '/queues/one';
const JOBS = `${QUEUE}/jobs/`;
const DONE = '/done';
const DELIVERIES_MAX = 6;
const JOBS_AT_MOST = 40;

/** Everybody puts jobs, takes them, and does them or does not. */
class SimulatedQueue implements SimulatedRecipe {
  readonly expects = ['lockLost', 'guardFailed'];
  readonly #world: World;
  readonly #violated: (what: string) => void;
  /** Of jobs that somebody was told are in the queue: what they are. After a restoration names are used again. */
  readonly #put = new Map<string, readonly string[]>();
  readonly #acked = new Map<Zxid, string>();
  /** Acknowledgements that were under way when a session ended. */
  readonly #untold = new Set<string>();
  readonly #taken: Job[] = [];
  #jobs = 0;

  constructor(world: World, violated: (what: string) => void) {
    this.#world = world;
    this.#violated = violated;
  }

  begin(life: Life): Turn {
    const { application, random } = life;
    const queue = new Queue(application.client, QUEUE, { deliveriesMax: DELIVERIES_MAX });
    return async () => {
      if (!life.isCalm && random.chance(0.5) && (await queue.size()) < JOBS_AT_MOST) {
        await this.#putSome(life, queue);
        return true;
      }
      try {
        const job = await queue.take({ timeoutMs: life.isCalm ? 3000 : random.between(1, 6000) });
        await this.#work(life, job).finally(() => job.release());
      } catch (error) {
        // There is none.
        if (!(error instanceof PaddockError) || error.code !== 'operationTimeout') throw error;
      }
      return true;
    };
  }

  async #putSome({ random }: Life, queue: Queue): Promise<void> {
    const putting = Array.from({ length: random.between(1, 4) }, async () => {
      const what = `job ${++this.#jobs}`;
      const { path } = await queue.put(what, { priority: random.between(98, 101) });
      this.#put.set(path, [...(this.#put.get(path) ?? []), what]);
      this.#world.count('queue: put');
    });
    await Promise.all(putting);
  }

  async #work(life: Life, job: Job): Promise<void> {
    const { application, random } = life;
    const { jobPath, token } = job;
    const who = application.name;
    this.#world.trace.tell(who, `has taken ${jobPath}, time ${job.deliveries}`);
    this.#world.count('queue: taken');
    this.#judgeDelivery(who, job);
    this.#taken.push(job);
    await application.sleep(random.between(0, 300));
    if (!life.isCalm && random.chance(0.02)) application.pause(random.between(500, 12_000));
    // Given back by whoever has taken it.
    if (!life.isCalm && random.chance(0.2)) return;
    const key = `${jobPath} ${token}`;
    this.#untold.add(key);
    try {
      const done = step.create(`${DONE}/${decodeText(job.data)}`, '', { parents: true });
      const { zxid } = await job.ack([done]);
      this.#acked.set(zxid, jobPath);
      this.#world.count('queue: acknowledged');
    } catch (error) {
      if (error instanceof PaddockError && error.code === 'nodeExists') {
        this.#violated(`${who} has done ${decodeText(job.data)}, which was done before`);
      }
      throw error;
    }
  }

  /** What was put, and to one at a time. */
  #judgeDelivery(who: string, job: Job): void {
    const put = this.#put.get(job.jobPath);
    const text = decodeText(job.data);
    if (
      put !== undefined &&
      !put.includes(text) &&
      !this.#hasRestoredBetween(ZXID_ZERO, job.token)
    ) {
      this.#violated(`${who} has taken ${text} as ${job.jobPath}, which was ${put.join()}`);
    }
    if (!job.isHeld) return;
    const other = this.#taken.find((it) => it.jobPath === job.jobPath && it.isHeld);
    if (other === undefined || this.#hasRestoredBetween(other.token, job.token)) return;
    const tokens = `${formatZxid(job.token)} and by ${formatZxid(other.token)}`;
    this.#violated(`${job.jobPath} is taken by ${tokens}`);
  }

  #hasRestoredBetween(from: Zxid, to: Zxid): boolean {
    return this.#world.log.entries.some(
      ({ backup, zxid }) => backup !== null && zxid > from && zxid < to,
    );
  }

  missing(): string {
    const { states } = new SubtreeHistory(this.#world.log, QUEUE);
    const left = jobsIn(states.at(-1));
    return left.length === 0 ? '' : `nobody does ${left.join(', ')}`;
  }

  /** Each that was there is there, or was acknowledged by who had it, or is put aside. */
  judge(): void {
    const { states } = new SubtreeHistory(this.#world.log, QUEUE);
    states.forEach((state, i) => {
      const before = states[i - 1];
      if (before === undefined || state.isRestored) return;
      const gone = jobsIn(before).filter((path) => !state.znodes.has(path));
      for (const path of gone) this.#judgeEnd(path, before, state);
    });
    const known = new Set(states.flatMap((state) => jobsIn(state)));
    for (const [path, put] of this.#put) {
      if (!known.has(path)) {
        this.#violated(`${put.join()} was put as ${path}, which has never been`);
      }
    }
  }

  #judgeEnd(path: string, before: PastState, { zxid, znodes }: PastState): void {
    const isDead = znodes.has(path.replace(JOBS, `${QUEUE}/dead/`));
    const lease = before.znodes.get(`${path}/lease`);
    if (isDead && lease === undefined) {
      this.#world.count('queue: put aside');
      return;
    }
    const isAcked = this.#acked.get(zxid) === path || this.#untold.has(`${path} ${lease?.czxid}`);
    if (!isAcked) this.#violated(`${path} is gone at ${formatZxid(zxid)}, and nobody has done it`);
  }
}

function jobsIn(state: PastState | undefined): readonly string[] {
  const paths = [...(state?.znodes.keys() ?? [])];
  return paths.filter((it) => it.startsWith(JOBS) && !it.endsWith('/lease'));
}

export function queueInWorld(world: World, violated: (what: string) => void): SimulatedRecipe {
  return new SimulatedQueue(world, violated);
}
