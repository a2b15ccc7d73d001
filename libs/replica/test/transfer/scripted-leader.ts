import { broadcastEstimates, electionEstimates } from '@paddock/link-memory';
import type { MemoryNetwork } from '@paddock/link-memory';
import { makeEpoch, ZXID_ZERO } from '@paddock/model';
import type {
  ElectionReply,
  ElectionRequest,
  Epoch,
  HistoryEnd,
  LeaderMessage,
  LearnerMessage,
  LogEntry,
  Zxid,
} from '@paddock/model';
import type { Link } from '@paddock/ports';
import type { TransferWorld } from './transfer-world.ts';

export const CLUSTER = 'of three';

/** The broadcaster of replica 1 as others see it, which leads for as long as it is there. */
export class ScriptedLeader {
  readonly address = 'broadcaster-of-1';
  readonly election: MemoryNetwork<ElectionRequest[], ElectionReply[]>;
  readonly broadcast: MemoryNetwork<LearnerMessage[], LeaderMessage[]>;
  /** Its log begins behind this. */
  base: Zxid = ZXID_ZERO;
  log: readonly LogEntry[] = [];
  /** Proposed behind the log, and never committed. */
  tail: readonly LogEntry[] = [];
  /** How each history that it found ended. */
  readonly found: HistoryEnd[] = [];
  /** A learner has said that it has the whole history durably. */
  isFollowed = false;
  readonly #world: TransferWorld;
  readonly #databaseAddress: string;
  #epoch: Epoch = makeEpoch(0);
  #link: Link<LeaderMessage[]> | null = null;
  #stops: (() => void)[] = [];
  #rounds = 0;

  constructor(world: TransferWorld, databaseAddress: string) {
    this.#world = world;
    this.#databaseAddress = databaseAddress;
    this.election = world.network(electionEstimates);
    this.broadcast = world.network(broadcastEstimates);
  }

  /** Leads the next epoch. */
  start(): void {
    this.#epoch = makeEpoch(this.#epoch + 1);
    this.isFollowed = false;
    const ignored = { drained: () => undefined, ended: () => undefined };
    this.#stops = [
      this.election.listen(this.address, (link) => {
        const identity = { replica: 1, incarnation: 10, clusterId: CLUSTER, voters: [1, 2, 3] };
        const epoch = this.#epoch;
        link.send([{ kind: 'state', identity, acceptedEpoch: epoch, leads: epoch }]);
        return { received: () => undefined, ...ignored };
      }),
      this.broadcast.listen(this.address, (link) => {
        this.#link = link;
        const received = (batch: readonly LearnerMessage[]): void => {
          for (const message of batch) this.#received(message);
        };
        return { received, ...ignored };
      }),
      this.#world.timers.of(this).every(500, () => {
        this.#say({ kind: 'heartbeat', round: ++this.#rounds, held: true });
      }),
    ];
  }

  /** Says of more entries that a quorum has them, whatever this learner has. */
  commit(entries: readonly LogEntry[]): void {
    this.log = [...this.log, ...entries];
    this.#say({ kind: 'entries', entries, committed: this.#committed });
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#link?.close({ cause: 'lost', reason: 'the leader has died' });
    this.#link = null;
  }

  #say(...messages: LeaderMessage[]): void {
    this.#link?.send(messages);
  }

  #received(message: LearnerMessage): void {
    switch (message.kind) {
      case 'follow':
        this.#say({
          kind: 'newEpoch',
          epoch: this.#epoch,
          databaseAddress: this.#databaseAddress,
        });
        break;
      case 'epochAccepted':
        this.found.push(message.history);
        this.#synchronize(message.history.lastZxid);
        break;
      case 'position':
        this.#sendBehind(message.lastZxid);
        break;
      case 'synchronized':
        this.isFollowed = true;
        this.#say({ kind: 'upToDate', committed: this.#committed });
        this.#say({ kind: 'entries', entries: this.tail, committed: this.#committed });
        break;
      case 'probe':
        this.#say({ kind: 'probed', probe: message.probe, floor: this.#committed });
        break;
      case 'ack':
      case 'heartbeatAck':
      case 'digest':
      case 'backupHeld':
        break;
    }
  }

  #synchronize(last: Zxid): void {
    const isOfLog = last === this.base || this.log.some(({ zxid }) => zxid === last);
    if (isOfLog) this.#sendBehind(last);
    else if (last > this.#committed) this.#say({ kind: 'truncate', after: this.#committed });
    else this.#say({ kind: 'snapshotNeeded', atLeast: this.base });
  }

  #sendBehind(last: Zxid): void {
    const entries = this.log.filter(({ zxid }) => zxid > last);
    this.#say(
      { kind: 'entries', entries, committed: this.#committed },
      { kind: 'newLeader', epoch: this.#epoch },
    );
  }

  get #committed(): Zxid {
    return this.log.at(-1)?.zxid ?? this.base;
  }
}
