import { PaddockError } from '@paddock/client';
import { Lock, LockLostError } from '@paddock/recipes';
import type { Held } from '@paddock/recipes';
import type { FaultyUser } from '../faults/faulty-user.ts';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';
import { Application } from './application.ts';
import type { LockRecord } from './lock-record.ts';

const LOCK = '/locks/one';
const REGISTER = '/register';
const STEPS_MAX = 6;
/** What a lock may be refused, or lost, for. */
const EXPECTED: readonly string[] = [
  'lockLost',
  'guardFailed',
  'noNode',
  'sessionExpired',
  'connectionLoss',
  'operationTimeout',
];

/** Takes the lock again and again, and changes what it guards. */
export class LockUser implements FaultyUser {
  readonly #name: string;
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #random: SeededRandom;
  readonly #record: LockRecord;
  #lives = 0;
  #isWorking = true;
  #application: Application | null = null;
  /** How often it has held the lock to the end of its work. */
  held = 0;

  constructor(name: string, world: World, ensemble: SimulatedEnsemble, record: LockRecord) {
    this.#name = name;
    this.#world = world;
    this.#ensemble = ensemble;
    this.#random = world.random.fork(name);
    this.#record = record;
  }

  get client(): Application | null {
    return this.#application;
  }

  get condition(): string {
    const client = this.#application?.client;
    return `${this.#name} is ${client?.state} and has held it ${this.held} times (${client?.lastFailure})`;
  }

  /** From now on no process of it dies by itself. */
  calmDown(): void {
    this.#isWorking = false;
  }

  /** Lives and dies, life after life. */
  start(): void {
    this.#lives++;
    const name = `${this.#name} life ${this.#lives}`;
    const application = new Application(name, {
      world: this.#world,
      ensemble: this.#ensemble,
      random: this.#random,
    });
    this.#application = application;
    const next = (): void => {
      if (this.#application === application) this.start();
    };
    // A process that has died does not say so.
    const vanishMs = this.#random.between(2000, 40_000);
    this.#world.time.after(vanishMs, () => {
      if (!this.#isWorking || !application.isAlive) return;
      application.vanish();
      next();
    });
    void this.#live(application).then(next, (error: unknown) =>
      this.#world.violated(`${name} ends by ${describeError(error)}`),
    );
  }

  async #live(application: Application): Promise<void> {
    while (application.isAlive) {
      try {
        await this.#takeTurn(application);
      } catch (error) {
        if (!isExpected(error)) throw error;
        this.#world.count(`lock: ${error.code}`);
        this.#world.trace.tell(application.name, `fails: ${error.message}`);
      }
      await application.sleep(this.#random.between(0, 100));
    }
  }

  async #takeTurn(application: Application): Promise<void> {
    const { client } = application;
    const mutex = new Lock(client, LOCK, { data: application.name });
    const drawn = this.#random.real();
    if (drawn < 0.1) {
      const held = await mutex.tryAcquire();
      if (held === null) return;
      await this.#work(application, held).finally(() => held.release());
    } else {
      const timeoutMs = drawn < 0.3 ? this.#random.between(1, 2000) : undefined;
      const patience = timeoutMs === undefined ? {} : { timeoutMs };
      await mutex.run((held) => this.#work(application, held), patience);
    }
    this.held++;
  }

  async #work(application: Application, held: Held): Promise<void> {
    const { name } = application;
    this.#world.count('lock: granted');
    this.#world.trace.tell(name, `holds the lock by ${held.token}`);
    this.#record.granted(name, held.token);
    const steps = this.#random.between(0, STEPS_MAX);
    for (let i = 0; i < steps; i++) {
      if (held.isHeld) this.#record.believed(name, held.token);
      const write = held.client.set(REGISTER, String(held.token), { upsert: true });
      if (this.#random.chance(0.5)) {
        const { zxid } = await write;
        this.#record.wrote(name, held.token, zxid);
      } else {
        write.then(
          ({ zxid }) => this.#record.wrote(name, held.token, zxid),
          () => undefined,
        );
      }
      // A process that is stopped long enough has lost the lock when it goes on, before it can hear that.
      if (this.#random.chance(0.02)) application.pause(this.#random.between(500, 12_000));
      await application.sleep(this.#random.between(0, 60));
    }
  }
}

function isExpected(error: unknown): error is PaddockError | LockLostError {
  return (
    (error instanceof PaddockError || error instanceof LockLostError) &&
    EXPECTED.includes(error.code)
  );
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
