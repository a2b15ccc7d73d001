import {
  broadcastEstimates,
  databaseBroadcasterEstimates,
  databaseDatabaseEstimates,
  electionEstimates,
  frontendDatabaseEstimates,
  frontendProcessorEstimates,
  processorBroadcasterEstimates,
  processorDatabaseEstimates,
  sessionStreamEstimates,
} from '@paddock/link-memory';
import type { BoundaryEstimates } from '@paddock/link-memory';
import { NetworkConditions } from '../kernel/network-conditions.ts';
import type { Place } from '../kernel/network-conditions.ts';
import { SimulatedNetwork } from '../kernel/simulated-network.ts';
import type { LinkChoice, LinkObserver } from '../kernel/simulated-network.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';
import { observeBroadcast, observeElection } from '../record/broadcast-observers.ts';
import { RottenMemory } from '../record/rotten-memory.ts';
import type { World } from '../world.ts';

/** What faults do to a network, whatever it carries. */
type FaultyNetwork = Pick<
  SimulatedNetwork<unknown, unknown>,
  'cut' | 'silence' | 'heal' | 'breakLinks' | 'giveUpSome' | 'processDied'
>;

/** All links of an ensemble: a network a boundary, and what lies between its machines. */
export class EnsembleNetworks {
  readonly conditions: NetworkConditions;
  readonly clients;
  readonly frontendDatabase;
  readonly frontendProcessor;
  readonly processorDatabase;
  readonly processorBroadcaster;
  readonly databaseBroadcaster;
  readonly election;
  readonly broadcast;
  readonly databaseDatabase;
  readonly rottenMemory: RottenMemory;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.conditions = new NetworkConditions(world.time);
    this.rottenMemory = new RottenMemory(world);
    const { history, log, broadcasts, time } = world;
    this.clients = this.#network('client-frontend', sessionStreamEstimates);
    this.frontendDatabase = this.#network(
      'frontend-database',
      frontendDatabaseEstimates,
      ({ place }) => ({
        up: (batch) => {
          const opens = batch.some((it) => it.kind === 'openStream');
          if (opens) history.streams.push({ replica: place, at: history.moment() });
          return batch;
        },
      }),
    );
    this.frontendProcessor = this.#network('frontend-processor', frontendProcessorEstimates);
    this.processorDatabase = this.#network('processor-database', processorDatabaseEstimates);
    this.processorBroadcaster = this.#network(
      'processor-broadcaster',
      processorBroadcasterEstimates,
      () => ({
        up: (batch) => {
          broadcasts.proposed(batch, time.nowMs);
          return batch;
        },
        down: (batch, broadcaster) => {
          broadcasts.answeredProcessor(broadcaster, batch);
          return batch;
        },
      }),
    );
    this.databaseBroadcaster = this.#network(
      'database-broadcaster',
      databaseBroadcasterEstimates,
      ({ place }) => {
        const stream = log.stream(place);
        return {
          up: (batch) => {
            for (const it of batch) {
              if (it.kind === 'deliver') stream.startsBehind(it.applied);
              else if (it.kind === 'digest') broadcasts.digest(place, it.zxid, it.digest);
            }
            return batch;
          },
          down: (batch) => {
            for (const it of batch) if (it.kind === 'entries') stream.delivered(it.entries);
            return this.rottenMemory.pass(place, batch);
          },
        };
      },
    );
    this.election = this.#network('election', electionEstimates, (process) =>
      observeElection(broadcasts, process),
    );
    this.broadcast = this.#network('broadcast', broadcastEstimates, (process) =>
      observeBroadcast(broadcasts, process),
    );
    this.databaseDatabase = this.#network(
      'database-database',
      databaseDatabaseEstimates,
      ({ place }) => this.rottenMemory.ofFetching(place),
    );
  }

  /** Between stages. */
  get ofStages(): readonly FaultyNetwork[] {
    return [
      this.frontendDatabase,
      this.frontendProcessor,
      this.processorDatabase,
      this.processorBroadcaster,
      this.databaseBroadcaster,
      this.election,
      this.broadcast,
      this.databaseDatabase,
    ];
  }

  processDied(process: VirtualProcess): void {
    for (const network of [this.clients, ...this.ofStages]) network.processDied(process);
  }

  /** Links between the two machines break, and none comes about for so long. */
  part(one: Place, other: Place, durationMs: number): void {
    this.conditions.cut(one, other, durationMs);
    const isBetween: LinkChoice = (a, b) =>
      (a === one && b === other) || (a === other && b === one);
    for (const network of this.ofStages) network.breakLinks(isBetween);
  }

  /** What is sent from one machine to the other waits for so long; some of the links are given up meanwhile. */
  silence(from: Place, to: Place, durationMs: number): void {
    this.conditions.silence(from, to, durationMs);
    const isBetween: LinkChoice = (a, b) => (a === from && b === to) || (a === to && b === from);
    for (const network of this.ofStages) network.giveUpSome(isBetween);
  }

  heal(): void {
    this.conditions.heal();
    for (const network of [this.clients, ...this.ofStages]) network.heal();
  }

  #network<Up, Down>(
    name: string,
    estimates: BoundaryEstimates<Up, Down>,
    observe?: (dialler: VirtualProcess) => LinkObserver<Up, Down>,
  ): SimulatedNetwork<Up, Down> {
    const { time, trace, random, settings } = this.#world;
    return new SimulatedNetwork(
      name,
      estimates,
      {
        time,
        trace,
        random: random.fork(name),
        limits: settings.limits,
        delayMs: settings.linkDelayMs,
        conditions: this.conditions,
      },
      observe,
    );
  }
}
