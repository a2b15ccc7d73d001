import { encodeConfiguration } from '@paddock/codec';
import type {
  EnsembleConfiguration,
  MembersAnswer,
  MembershipChange,
  MembersPicture,
  MembersQuestion,
  Term,
} from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Elections } from './elections.ts';
import type { Ensemble } from './ensemble.ts';
import { HandOver, heirAmong } from './hand-over.ts';
import type { Incumbency } from './incumbency.ts';
import type { Leadership } from './leadership.ts';
import { refused } from './members-refused.ts';
import { outlookOf, planChange } from './membership-plan.ts';
import type { Attendance, Planned, Refusal } from './membership-plan.ts';
import { sameVoter } from './quorum.ts';
import { Restoring } from './restoring.ts';
import type { Roles } from './roles.ts';
import type { Tenure } from './tenure.ts';

/** A change that was asked of the processor. */
interface Changing {
  readonly request: number;
  readonly term: Term;
  readonly configuration: EnsembleConfiguration;
}

/** What operators ask of the ensemble's membership and leadership: answered by the leader, one change at a time. */
export class Administration {
  readonly #ensemble: Ensemble;
  readonly #roles: Roles;
  readonly #elections: Elections;
  readonly #tenure: Tenure;
  readonly #handOver: HandOver;
  readonly #restoring: Restoring;
  #changing: Changing | null = null;

  constructor(
    ensemble: Ensemble,
    roles: Roles,
    elections: Elections,
    tenure: Tenure,
    incumbency: Incumbency,
  ) {
    this.#ensemble = ensemble;
    this.#roles = roles;
    this.#elections = elections;
    this.#tenure = tenure;
    this.#handOver = new HandOver(ensemble, roles, tenure);
    this.#restoring = new Restoring(ensemble, roles, tenure, incumbency);
  }

  ask(request: number, question: MembersQuestion, nowMs: number, out: BroadcasterEffects): void {
    const answer = this.#answer(request, question, nowMs, out);
    if (answer !== null) out.memberAnswers.push({ request, answer });
  }

  /** What was begun goes on; a leader that a change has left out gives its place to another. */
  advance(nowMs: number, out: BroadcasterEffects): void {
    this.#followChange(out);
    if (this.#isLeftOut && !this.#handOver.isUnderWay) {
      const isBusy = this.#restoring.isUnderWay;
      const heir = isBusy ? null : bestHeir(this.#roles.leadership, this.#ensemble);
      if (heir !== null) this.#handOver.begin(heir, null, nowMs, out);
    }
    this.#handOver.advance(nowMs, out);
    this.#restoring.advance(nowMs, out);
  }

  /** It leads, and a change that is settled does not list it as a voter. */
  get #isLeftOut(): boolean {
    const { memberships, self } = this.#ensemble;
    return this.#roles.leadership !== null && this.#isSettled && !memberships.isVoter(self);
  }

  #answer(
    request: number,
    question: MembersQuestion,
    nowMs: number,
    out: BroadcasterEffects,
  ): MembersAnswer | null {
    const { leadership } = this.#roles;
    if (leadership === null) return this.#notLeader();
    if (leadership.phase !== 'broadcast' || !leadership.isConfirmed) {
      return refused({ code: 'notReady', reason: 'the leader is not established yet' });
    }
    switch (question.kind) {
      case 'list':
        return { kind: 'members', picture: this.#picture(leadership) };
      case 'plan': {
        const planned = this.#plan(leadership, question.change);
        return planned.refusal === null
          ? { kind: 'plan', plan: planned.plan }
          : refused(planned.refusal);
      }
      case 'change':
        return this.#change(leadership, request, question.change, out);
      case 'transfer':
        return this.#transfer(leadership, request, question.replica, nowMs, out);
      case 'restore': {
        const busy = this.#busy();
        return busy === null
          ? this.#restoring.begin(request, question.backup, nowMs)
          : refused(busy);
      }
    }
  }

  #change(
    leadership: Leadership,
    request: number,
    change: MembershipChange,
    out: BroadcasterEffects,
  ): MembersAnswer | null {
    const busy = this.#busy();
    if (busy !== null) return refused(busy);
    const planned = this.#plan(leadership, change);
    if (planned.refusal !== null) return refused(planned.refusal);
    const { configuration } = planned.plan;
    const { revision } = this.#ensemble.memberships;
    this.#tenure.configure(encodeConfiguration(configuration), revision, out);
    this.#changing = { request, term: this.#tenure.term, configuration };
    return null;
  }

  #transfer(
    leadership: Leadership,
    request: number,
    replica: number,
    nowMs: number,
    out: BroadcasterEffects,
  ): MembersAnswer | null {
    const { memberships, self } = this.#ensemble;
    if (replica === self.replica) return { kind: 'transferred', leader: replica };
    const busy = this.#busy();
    if (busy !== null) return refused(busy);
    const listed = memberships.current.members.find((it) => it.replica === replica);
    if (listed?.role !== 'voter') {
      return refused({ code: 'noSuchMember', reason: `replica ${replica} is no voter` });
    }
    const learner = heirAmong(leadership.learners.all, replica);
    if (learner === undefined || !sameVoter(learner.identity, listed)) {
      const reason = `replica ${replica} is not here with all that the leader has`;
      return refused({ code: 'notSynchronized', reason });
    }
    this.#handOver.begin(replica, request, nowMs, out);
    return null;
  }

  /** Why nothing can be changed now; null: it can. */
  #busy(): Refusal | null {
    const { memberships } = this.#ensemble;
    const isUnderWay = this.#handOver.isUnderWay || this.#restoring.isUnderWay;
    if (this.#changing !== null || isUnderWay || memberships.isChanging) {
      return { code: 'changeInProgress', reason: 'one change is made at a time' };
    }
    if (!this.#tenure.isConfirmed) {
      return { code: 'notReady', reason: 'no processor holds the term yet' };
    }
    if (this.#tenure.isConfiguring(memberships.revision) || !this.#isSettled) {
      return { code: 'changeInProgress', reason: 'the last change is not settled yet' };
    }
    return null;
  }

  #plan(leadership: Leadership, change: MembershipChange): Planned {
    return planChange(this.#ensemble.memberships.current, change, this.#attendance(leadership));
  }

  #attendance({ learners, synchronized }: Leadership): Attendance {
    const connected = learners.all.filter((it) => it.state !== 'connected');
    const leader = this.#ensemble.self;
    return { leader, learners: connected.map((it) => it.identity), synchronized };
  }

  #picture(leadership: Leadership): MembersPicture {
    const { memberships, self } = this.#ensemble;
    const configuration = memberships.current;
    const { learners, synchronized } = this.#attendance(leadership);
    const members = configuration.members.map((listed) => ({
      replica: listed.replica,
      listed,
      isLeader: sameVoter(listed, self),
      isSynchronized: synchronized.some((it) => sameVoter(it, listed)),
    }));
    const unlisted = [self, ...learners]
      .filter((it) => !configuration.members.some((listed) => listed.replica === it.replica))
      .map((it) => ({
        replica: it.replica,
        listed: null,
        isLeader: it === self,
        isSynchronized: synchronized.some((one) => sameVoter(one, it)),
      }));
    return {
      configuration,
      isChanging: this.#changing !== null || !this.#isSettled,
      outlook: outlookOf(configuration, synchronized),
      members: [...members, ...unlisted].sort((a, b) => a.replica - b.replica),
    };
  }

  get #isSettled(): boolean {
    const { memberships, history } = this.#ensemble;
    return memberships.isSettled(history.committed) && this.#tenure.isConfirmed;
  }

  #notLeader(): MembersAnswer {
    const { following } = this.#roles;
    if (following?.isLed !== true) {
      return refused({ code: 'notLeader', reason: 'no leader is known here' });
    }
    const { leader } = following;
    const address = this.#elections.electors.find(leader)?.address ?? '';
    return refused({ code: 'notLeader', reason: `replica ${leader} leads` }, address);
  }

  #followChange(out: BroadcasterEffects): void {
    const changing = this.#changing;
    if (changing === null) return;
    const answer = this.#outcomeOf(changing);
    if (answer === null) return;
    this.#changing = null;
    out.memberAnswers.push({ request: changing.request, answer });
  }

  #outcomeOf({ term, configuration }: Changing): MembersAnswer | null {
    const { memberships, history } = this.#ensemble;
    if (this.#roles.leadership === null) {
      const reason = 'leadership was lost meanwhile: list the members to see whether it was made';
      return refused({ code: 'unknownOutcome', reason });
    }
    const isLogged = memberships.current.version === configuration.version;
    if (!isLogged && this.#tenure.term !== term) {
      return refused({ code: 'interrupted', reason: 'the term ended before it was logged' });
    }
    if (!isLogged || !memberships.isSettled(history.committed)) return null;
    return { kind: 'changed', configuration };
  }
}

/** The voter that has most of what is here. */
function bestHeir(leadership: Leadership | null, { memberships }: Ensemble): number | null {
  let best: { replica: number; confirmed: number } | null = null;
  for (const { identity, isUpToDate, window } of leadership?.learners.all ?? []) {
    if (!isUpToDate || !memberships.isVoter(identity)) continue;
    if (best !== null && window.confirmed <= best.confirmed) continue;
    best = { replica: identity.replica, confirmed: window.confirmed };
  }
  return best?.replica ?? null;
}
