import type { MembersAnswer } from '@paddock/model';
import type { Refusal } from './membership-plan.ts';

/** `leaderAddress`: the broadcaster of whoever leads instead. */
export function refused({ code, reason }: Refusal, leaderAddress = ''): MembersAnswer {
  return { kind: 'refused', code, reason, leaderAddress };
}
