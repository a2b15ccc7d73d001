// What operators reach at a broadcaster: who is in the ensemble, and who leads it.
import { status } from '@grpc/grpc-js';
import type { sendUnaryData, Server } from '@grpc/grpc-js';
import { MembersService } from '@paddock/contracts';
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { MembersAnswer, MembersQuestion } from '@paddock/model';
import { addTypedService } from './typed-service.ts';
import { backupNameOf, ordinalOf } from './wire/fields.ts';
import { readChange, writeMember, writePicture, writePlan, writeRefusal } from './wire/members.ts';
import { WireError } from './wire/wire-error.ts';

export type AskMembers = (
  question: MembersQuestion,
  answered: (answer: MembersAnswer) => void,
) => void;

/** Each answer has its refusal in it, so that a client sees the same of it in every language. */
interface Refusable {
  refused?: paddock.admin.v1.Refusal.$Properties | null;
}

export const MEMBERS_SERVICE = 'paddock.admin.v1.MembersService';

export function serveMembers(server: Server, ask: AskMembers): void {
  addTypedService(server, MembersService, {
    list: (_call, answer) =>
      reply(
        ask,
        () => ({ kind: 'list' }),
        answer,
        (it) => (it.kind === 'members' ? writePicture(it.picture) : {}),
      ),
    plan: ({ request }, answer) =>
      reply(
        ask,
        () => ({ kind: 'plan', change: readChange(request.change) }),
        answer,
        (it) => (it.kind === 'plan' ? writePlan(it.plan) : {}),
      ),
    change: ({ request }, answer) =>
      reply(
        ask,
        () => ({ kind: 'change', change: readChange(request.change) }),
        answer,
        (it) => {
          if (it.kind !== 'changed') return {};
          const { version, members } = it.configuration;
          return { version, members: members.map(writeMember) };
        },
      ),
    transfer: ({ request }, answer) =>
      reply(
        ask,
        () => ({ kind: 'transfer', replica: ordinalOf(request.replica, 'replica') }),
        answer,
        (it) => (it.kind === 'transferred' ? { leader: it.leader } : {}),
      ),
    restore: ({ request }, answer) =>
      reply(
        ask,
        () => ({ kind: 'restore', backup: backupNameOf(request.backup, 'backup') }),
        answer,
        (it) =>
          it.kind === 'restored'
            ? { zxidEpoch: epochOf(it.zxid), zxidCounter: counterOf(it.zxid) }
            : {},
      ),
  });
}

function reply<Response extends Refusable>(
  ask: AskMembers,
  read: () => MembersQuestion,
  answer: sendUnaryData<Response | Refusable>,
  write: (given: MembersAnswer) => Response,
): void {
  let question: MembersQuestion;
  try {
    question = read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    answer({ code: status.INVALID_ARGUMENT, details: error.message });
    return;
  }
  ask(question, (given) =>
    answer(null, given.kind === 'refused' ? { refused: writeRefusal(given) } : write(given)),
  );
}
