import { encodeRestoration, zxidOfBackup } from '@paddock/codec';
import { epochOf, formatZxid, nextZxid } from '@paddock/model';
import type { LogEntry, MembersAnswer, MembersRefusal, Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Ensemble } from './ensemble.ts';
import type { Incumbency } from './incumbency.ts';
import type { Leadership } from './leadership.ts';
import { refused } from './members-refused.ts';
import type { VoterIdentity } from './quorum.ts';
import type { Roles } from './roles.ts';
import type { Tenure } from './tenure.ts';

/** Databases fetch what may be large, and verify it. */
const HOLDING_MS = 600_000;

/** One that is under way; `zxid`: of its entry, once that is logged. */
interface Restore {
  readonly request: number;
  readonly backup: string;
  readonly deadlineMs: number;
  zxid: Zxid | null;
}

/**
 * Brings the ensemble to the state of a backup. First a quorum of voters holds it, while everything goes on; then the
 * term ends, the entry that names the backup is its last, and once that is committed a later epoch begins.
 */
export class Restoring {
  readonly #ensemble: Ensemble;
  readonly #roles: Roles;
  readonly #tenure: Tenure;
  readonly #incumbency: Incumbency;
  #restore: Restore | null = null;

  constructor(ensemble: Ensemble, roles: Roles, tenure: Tenure, incumbency: Incumbency) {
    this.#ensemble = ensemble;
    this.#roles = roles;
    this.#tenure = tenure;
    this.#incumbency = incumbency;
  }

  get isUnderWay(): boolean {
    return this.#restore !== null;
  }

  /** An established leader is asked, and nothing else is under way. Returns why not, if not. */
  begin(request: number, backup: string, nowMs: number): MembersAnswer | null {
    if (!this.#ensemble.restorations.holds(backup)) {
      const { self, databaseAddress } = this.#ensemble;
      const reason = `the database of the leader, replica ${self.replica}, does not hold it`;
      return refused({ code: 'backupNotHeld', reason }, databaseAddress);
    }
    this.#restore = { request, backup, deadlineMs: nowMs + HOLDING_MS, zxid: null };
    return null;
  }

  advance(nowMs: number, out: BroadcasterEffects): void {
    const restore = this.#restore;
    if (restore === null) return;
    if (restore.zxid === null) this.#gather(restore, nowMs, out);
    else this.#await(restore.zxid, out);
  }

  /** Writes go on meanwhile. */
  #gather(restore: Restore, nowMs: number, out: BroadcasterEffects): void {
    const { leadership } = this.#roles;
    if (leadership === null) {
      this.#refuse('interrupted', 'leadership was lost before anything was logged', out);
    } else if (nowMs >= restore.deadlineMs) {
      this.#refuse('backupNotHeld', 'no quorum of voters has come to hold it in time', out);
    } else if (
      leadership.phase === 'broadcast' &&
      this.#tenure.isConfirmed &&
      !this.#ensemble.memberships.isChanging &&
      this.#isHeld(leadership, restore.backup, out) &&
      this.#isBehind(restore.backup, out)
    ) {
      this.#tenure.isWithheld = true;
      this.#tenure.end('a backup is restored', out);
      restore.zxid = this.#log(restore.backup, out);
      const { backup, zxid } = restore;
      out.events.push({
        level: 'warn',
        message: 'the ensemble is brought to the state of a backup',
        zxid,
        detail: { backup },
      });
    }
  }

  /** A quorum of voters has what is here, and holds the backup; those who do not are asked to. */
  #isHeld({ learners, quorum }: Leadership, backup: string, out: BroadcasterEffects): boolean {
    const holders: VoterIdentity[] = [this.#ensemble.self];
    for (const learner of learners.all) {
      if (!learner.isUpToDate) continue;
      if (learner.held.has(backup)) holders.push(learner.identity);
      else learners.askToHold(learner, backup, out);
    }
    return quorum.isWon(holders);
  }

  /** No zxid of the backup comes again: where it is of a later one, an epoch above its own begins first. */
  #isBehind(backup: string, out: BroadcasterEffects): boolean {
    const taken = zxidOfBackup(backup);
    if (taken < this.#ensemble.history.last) return true;
    this.#incumbency.rollOver('a backup of a later zxid is to be restored', out, epochOf(taken));
    return false;
  }

  /** The leader's own entry: nobody holds the term any more. */
  #log(backup: string, out: BroadcasterEffects): Zxid {
    const { history, restorations, self, wallMs } = this.#ensemble;
    const zxid = nextZxid(history.last);
    const time = Math.max(0, Math.floor(wallMs()));
    const payload = encodeRestoration({ backup, time, leader: self.replica });
    const entry: LogEntry = { zxid, kind: 'restoration', payload };
    history.append(entry);
    restorations.append(entry);
    out.append.push(entry);
    return zxid;
  }

  #await(zxid: Zxid, out: BroadcasterEffects): void {
    if (this.#roles.leadership === null) {
      const reason = `leadership was lost meanwhile: it is restored if entry ${formatZxid(zxid)} is committed`;
      this.#refuse('unknownOutcome', reason, out);
      return;
    }
    if (this.#ensemble.history.committed < zxid) return;
    this.#tenure.isWithheld = false;
    this.#incumbency.rollOver('a backup was restored', out);
    this.#answer({ kind: 'restored', zxid }, out);
  }

  #refuse(code: MembersRefusal, reason: string, out: BroadcasterEffects): void {
    this.#tenure.isWithheld = false;
    this.#answer(refused({ code, reason }), out);
  }

  #answer(answer: MembersAnswer, out: BroadcasterEffects): void {
    const restore = this.#restore;
    this.#restore = null;
    if (restore !== null) out.memberAnswers.push({ request: restore.request, answer });
  }
}
