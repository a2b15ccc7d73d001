import type { StageEvent } from '@paddock/model';
import { BroadcastRecord } from './record/broadcast-record.ts';
import { CommittedLog } from './record/committed-log.ts';
import { History } from './record/history.ts';
import { SeededRandom } from './kernel/seeded-random.ts';
import { drawSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import type { Place } from './kernel/network-conditions.ts';
import { Trace } from './kernel/trace.ts';
import type { TraceLine } from './kernel/trace.ts';
import { VirtualProcess } from './kernel/virtual-process.ts';
import type { VirtualProcessDependencies } from './kernel/virtual-process.ts';
import { VirtualTime } from './kernel/virtual-time.ts';

/** Wall time at the start of every run. */
const WALL_MS = Date.UTC(2030, 0, 1);

export interface WorldOptions {
  /** Who reads the trace; null: nobody, and there is none. */
  readonly read: ((line: TraceLine) => void) | null;
  /** In place of what the seed draws. */
  readonly settings: Partial<Settings>;
  /** What this kind of run needs, whatever was drawn. */
  readonly adapt?: (drawn: Settings) => Settings;
}

/** What all parts of one run share. */
export class World {
  readonly seed: number;
  readonly random: SeededRandom;
  readonly settings: Settings;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly history: History;
  readonly log: CommittedLog;
  readonly broadcasts = new BroadcastRecord();
  /** What no promise allows, found while the run went on. */
  readonly violations: string[] = [];
  /** How often what happened, for those who ask whether the runs are worth something. */
  readonly counts = new Map<string, number>();
  /** How far the wall clocks are off, by place. */
  readonly wallSkewMs = new Map<Place, number>();

  constructor(seed: number, options: WorldOptions) {
    const random = new SeededRandom(seed);
    this.seed = seed;
    this.random = random;
    const { adapt = (drawn: Settings): Settings => drawn } = options;
    this.settings = { ...adapt(drawSettings(random.fork('settings'))), ...options.settings };
    this.time = new VirtualTime(random.fork('ties'));
    this.trace = new Trace(this.time, options.read);
    const nowMs = (): number => this.time.nowMs;
    this.history = new History(nowMs);
    this.log = new CommittedLog(nowMs);
  }

  process(
    name: string,
    place: Place,
    threw: (error: unknown) => void,
    options: Pick<VirtualProcessDependencies, 'usesPromises'> = {},
  ): VirtualProcess {
    return new VirtualProcess(name, {
      ...options,
      place,
      time: this.time,
      random: this.random.fork(name),
      wallMs: () => WALL_MS + this.time.nowMs + (this.wallSkewMs.get(place) ?? 0),
      threw,
    });
  }

  /** What stages tell their operators: of errors there are none but those that were planned. */
  reported(who: string, { level, message, detail }: StageEvent): void {
    const text = `${level}: ${message} ${JSON.stringify(detail ?? {})}`;
    this.trace.tell(who, text);
    if (level === 'error' && !text.includes('planned')) this.violated(`${who} reports ${text}`);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  violated(what: string): void {
    this.trace.tell('VIOLATED', what);
    this.violations.push(what);
  }
}
