// The whole service beside its floors: fused and split, one and a thousand requests under way.
import { join } from 'node:path';
import type { LoadResult } from './driver/load.ts';
import { measureDisk } from './floors/disk-floor.ts';
import type { DiskFloor } from './floors/disk-floor.ts';
import type { Children } from './processes/children.ts';
import { withProcesses } from './processes/with-processes.ts';
import { Driver } from './processes/driver.ts';
import { startFloor } from './processes/floor-target.ts';
import { startPaddock } from './processes/paddock-target.ts';
import type { PaddockTarget } from './processes/paddock-target.ts';
import { pidsOf } from './processes/target.ts';
import type { Target } from './processes/target.ts';
import { profileAll, profileLines } from './whole-profile.ts';
import { CASES, isWanted, loadPlan, QUICK_SCHEDULE, SCHEDULE, TARGETS } from './whole-plan.ts';
import type { Case, Schedule, TargetName } from './whole-plan.ts';
import { wholeLines, wholeReport } from './whole-report.ts';
import type { CaseRounds } from './whole-report.ts';

export interface WholeOptions {
  readonly quick: boolean;
  readonly json: boolean;
  /** Operations in one message of the driver, at most. */
  readonly batch: number;
  readonly only: readonly string[];
  /** Where the data are kept while it runs: the disk that is measured. */
  readonly data: string | undefined;
  readonly profile: string | undefined;
}

interface Measured {
  readonly target: TargetName;
  readonly case: Case;
  readonly rounds: LoadResult[];
  entries: number;
  bytes: number;
  syncs: number;
}

/** Servers, the driver and what has been measured of them. */
export class Whole {
  readonly #options: WholeOptions;
  readonly #schedule: Schedule;
  readonly #directory: string;
  readonly #children: Children;
  readonly #driver: Driver;
  readonly #targets = new Map<TargetName, Target | PaddockTarget>();
  readonly #measured: Measured[] = [];
  readonly #disk: DiskFloor[] = [];

  constructor(options: WholeOptions, directory: string, children: Children) {
    this.#options = options;
    this.#schedule = options.quick ? QUICK_SCHEDULE : SCHEDULE;
    this.#directory = directory;
    this.#children = children;
    this.#driver = new Driver(children);
  }

  async start(name: TargetName, nodeArgs: readonly string[] = []): Promise<Target> {
    const target =
      name === 'floor'
        ? await startFloor(this.#children, nodeArgs)
        : await startPaddock(this.#children, {
            topology: name,
            data: join(this.#directory, name),
            nodeArgs,
          });
    this.#targets.set(name, target);
    await this.#driver.open(name, target.address);
    return target;
  }

  async stop(name: TargetName): Promise<void> {
    const target = this.#targets.get(name);
    this.#targets.delete(name);
    await this.#driver.close(name);
    await target?.stop();
  }

  /** Each case on one target after the other, round by round: what disturbs one disturbs all. */
  async measureAll(): Promise<void> {
    const wanted = TARGETS.filter((name) =>
      CASES.some((it) => isWanted(this.#options.only, name, it)),
    );
    for (const name of wanted) await this.start(name);
    for (const it of CASES) {
      for (let round = 0; round < this.#schedule.rounds; round++) {
        for (const name of wanted) {
          if (isWanted(this.#options.only, name, it)) await this.measure(name, it, round);
        }
        this.#measureDisk(it);
      }
    }
  }

  async measure(name: TargetName, it: Case, round: number): Promise<LoadResult> {
    const target = this.#targets.get(name);
    if (target === undefined) throw new RangeError(`${name} is not started`);
    const { batch } = this.#options;
    const plan = loadPlan(it, this.#schedule, { round, batch, pids: pidsOf(target) });
    const measured = this.#measuredOf(name, it);
    const before = 'logCounters' in target ? await target.logCounters() : null;
    const result = await this.#driver.load(name, plan);
    measured.rounds.push(result);
    if (before === null || !('logCounters' in target)) return result;
    const after = await target.logCounters();
    measured.entries += after.entries - before.entries;
    measured.bytes += after.bytes - before.bytes;
    measured.syncs += after.syncs - before.syncs;
    return result;
  }

  report(): ReturnType<typeof wholeReport> {
    return wholeReport(
      this.#measured.map((it): CaseRounds => {
        const writes = it.case.workload !== 'get' && it.syncs > 0;
        return {
          target: it.target,
          case: it.case,
          rounds: it.rounds,
          processes: this.#processNames(it.target),
          groupCommit: writes
            ? { entries: it.entries / it.syncs, bytes: it.bytes / it.syncs }
            : null,
        };
      }),
      this.#disk,
    );
  }

  #processNames(name: TargetName): string[] {
    return this.#targets.get(name)?.processes.map((it) => it.name.replace(/^replica 1 /, '')) ?? [];
  }

  #measuredOf(target: TargetName, it: Case): Measured {
    const found = this.#measured.find((known) => known.target === target && known.case === it);
    if (found !== undefined) return found;
    const fresh = { target, case: it, rounds: [], entries: 0, bytes: 0, syncs: 0 };
    this.#measured.push(fresh);
    return fresh;
  }

  /** With as many bytes as one group commit of the case had so far, fused. */
  #measureDisk(it: Case): void {
    const fused = this.#measured.find((known) => known.target === 'fused' && known.case === it);
    if (fused === undefined || it.workload === 'get' || fused.syncs === 0) return;
    const bytes = fused.bytes / fused.syncs;
    this.#disk.push(measureDisk(this.#directory, bytes, this.#schedule.diskMs));
  }
}

export async function benchmarkWhole(options: WholeOptions): Promise<void> {
  await withProcesses(options.data, async (children, directory) => {
    const whole = new Whole(options, directory, children);
    if (options.profile === undefined) {
      await whole.measureAll();
      const report = whole.report();
      console.log(options.json ? JSON.stringify(report) : wholeLines(report).join('\n'));
    } else {
      const profiles = await profileAll(whole, options.only, options.profile);
      console.log(options.json ? JSON.stringify(profiles) : profileLines(profiles).join('\n'));
    }
  });
}
