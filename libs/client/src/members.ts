import type { CertificateFiles } from '@paddock/link-grpc';
import { MembersConnection } from '@paddock/link-grpc';
import type { ListedMembers, MembersList, MembersPlan, MembersReply } from '@paddock/link-grpc';
import type { MembershipChange, MembersRefusal, Zxid } from '@paddock/model';
import { certificatesOf } from './certificates.ts';
import type { TlsOptions } from './certificates.ts';

export interface MembersOptions {
  /** host:port of broadcasters, asked one after the other until the leader is found. */
  readonly broadcasters: readonly string[];
  /** For each call, in milliseconds. */
  readonly timeoutMs?: number;
  /** Where the links between stages have it, their certificates. */
  readonly tls?: TlsOptions;
}

/** `unreachable`: no broadcaster has answered, or the answer was lost: a change may have been made. */
export type MembersErrorCode = MembersRefusal | 'unreachable';

export class MembersError extends Error {
  override readonly name = 'MembersError';
  readonly code: MembersErrorCode;

  constructor(code: MembersErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

type Call<T> = (connection: MembersConnection) => Promise<MembersReply<T>>;

const TIMEOUT_MS = 10_000;
/** What was brought to a database is heard of by its broadcaster within so many times so long. */
const HEARING_ATTEMPTS = 20;
const HEARING_MS = 100;
/** Leadership may move while it is looked for. */
const REDIRECTIONS_MAX = 5;

/** Who is in the ensemble, and who leads it; what is asked reaches the leader, whichever broadcaster is named. */
export class Members {
  readonly #broadcasters: readonly string[];
  readonly #timeoutMs: number;
  readonly #tls: CertificateFiles | undefined;

  constructor({ broadcasters, timeoutMs, tls }: MembersOptions) {
    this.#tls = certificatesOf(tls);
    this.#broadcasters = broadcasters;
    this.#timeoutMs = timeoutMs ?? TIMEOUT_MS;
  }

  async list(): Promise<MembersList> {
    return (await this.#find((it) => it.list())).value;
  }

  /** What the change would come to; fails as the change would. */
  async plan(change: MembershipChange): Promise<MembersPlan> {
    return (await this.#find((it) => it.plan(change))).value;
  }

  /** All of the steps at once, or none. */
  change(change: MembershipChange): Promise<ListedMembers> {
    return this.#askLeader((it) => it.change(change));
  }

  /** Gives leadership to a voter; returns who leads. */
  transferLeadership(replica: number): Promise<number> {
    return this.#askLeader((it) => it.transfer(replica));
  }

  /**
   * Brings the ensemble to the state of a backup. Where the leader's database does not hold it, `offer` is to bring it
   * there. Returns the zxid of the entry that restores it.
   */
  async restore(backup: string, offer: (databaseAddress: string) => Promise<void>): Promise<Zxid> {
    const { address } = await this.#find((it) => it.list());
    const first = await this.#askAt(address, (it) => it.restore(backup));
    if (first.kind === 'answered') return first.value;
    if (first.kind !== 'refused' || first.code !== 'backupNotHeld' || first.leaderAddress === '') {
      return this.#valueOf(address, first);
    }
    await offer(first.leaderAddress);
    // The broadcaster hears of it from its database on a link of its own.
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#askAt(address, (it) => it.restore(backup));
      const isUnheard = reply.kind === 'refused' && reply.code === 'backupNotHeld';
      if (!isUnheard || attempt === HEARING_ATTEMPTS) return this.#valueOf(address, reply);
      await new Promise((resolve) => setTimeout(resolve, HEARING_MS));
    }
  }

  /** What changes something is asked of the leader alone: an answer that is lost is not asked for elsewhere. */
  async #askLeader<T>(call: Call<T>): Promise<T> {
    const { address } = await this.#find((it) => it.list());
    return this.#valueOf(address, await this.#askAt(address, call));
  }

  #valueOf<T>(address: string, reply: MembersReply<T>): T {
    if (reply.kind === 'answered') return reply.value;
    if (reply.kind === 'refused') throw new MembersError(reply.code, reply.reason);
    const reason = `${address}: ${reply.reason}; list the members to see whether it was done`;
    throw new MembersError('unreachable', reason);
  }

  /** Asks one after the other until the leader has answered. */
  async #find<T>(call: Call<T>): Promise<{ readonly address: string; readonly value: T }> {
    const waiting = [...this.#broadcasters];
    let last = new MembersError('unreachable', 'no broadcaster was named');
    for (let i = 0; i < this.#broadcasters.length + REDIRECTIONS_MAX; i++) {
      const address = waiting.shift();
      if (address === undefined) break;
      const reply = await this.#askAt(address, call);
      if (reply.kind === 'answered') return { address, value: reply.value };
      if (reply.kind === 'failed') {
        last = new MembersError('unreachable', `${address}: ${reply.reason}`);
        continue;
      }
      last = new MembersError(reply.code, reply.reason);
      if (reply.code !== 'notLeader') break;
      if (reply.leaderAddress !== '') waiting.unshift(reply.leaderAddress);
    }
    throw last;
  }

  async #askAt<T>(address: string, call: Call<T>): Promise<MembersReply<T>> {
    const connection = new MembersConnection(address, this.#timeoutMs, this.#tls);
    try {
      return await call(connection);
    } finally {
      connection.close();
    }
  }
}
