import { createGrpcServer, listen, MembersConnection, serveMembers } from '../src/index.ts';
import { MEMBERS_REFUSALS } from '@paddock/model';
import type { MembersAnswer, MembershipChange, MembersQuestion } from '@paddock/model';
import { afterAll, beforeAll, expect, it } from 'vitest';

const asked: MembersQuestion[] = [];
let answer: MembersAnswer = refusal('notLeader');
const server = createGrpcServer({ messageBytes: 1 << 20, concurrentStreams: 10 });
let connection: MembersConnection;

beforeAll(async () => {
  serveMembers(server, (question, answered) => {
    asked.push(question);
    answered(answer);
  });
  connection = new MembersConnection(`127.0.0.1:${await listen(server, '127.0.0.1:0')}`, 5000);
});

afterAll(() => {
  connection.close();
  server.forceShutdown();
});

function refusal(code: (typeof MEMBERS_REFUSALS)[number]): MembersAnswer {
  return { kind: 'refused', code, reason: 'so it is', leaderAddress: 'b:1' };
}

const outlook = { voters: [1, 2, 3], quorum: 2, synchronized: [1, 2], indispensable: [1, 2] };
const listed = { replica: 1, incarnation: 7, role: 'voter', address: 'a:1' } as const;
const configuration = {
  clusterId: 'c',
  formatLevel: 1,
  version: 4,
  members: [listed],
  removed: [],
};
const CHANGE: MembershipChange = {
  version: 3,
  steps: [
    { kind: 'add', replica: 4, role: 'voter', address: 'd:1' },
    { kind: 'add', replica: 5, role: 'observer', address: 'e:1' },
    { kind: 'remove', replica: 1 },
    { kind: 'promote', replica: 2 },
    { kind: 'demote', replica: 3 },
  ],
};

it('a change and its answer come over as they are', async () => {
  answer = { kind: 'changed', configuration };
  expect(await connection.change(CHANGE)).toEqual({
    kind: 'answered',
    value: { version: 4, members: [listed] },
  });
  expect(asked.pop()).toEqual({ kind: 'change', change: CHANGE });
  await connection.change({ version: null, steps: [] });
  expect(asked.pop()).toEqual({ kind: 'change', change: { version: null, steps: [] } });
});

it('a plan shows both quorums', async () => {
  const plan = { configuration, before: outlook, after: outlook, replacesLeader: true };
  answer = { kind: 'plan', plan };
  const value = { version: 4, members: [listed], before: outlook, after: outlook };
  expect(await connection.plan(CHANGE)).toEqual({
    kind: 'answered',
    value: { ...value, replacesLeader: true },
  });
});

it('a list tells of members that are not listed', async () => {
  const members = [
    { replica: 1, listed, isLeader: true, isSynchronized: true },
    { replica: 9, listed: null, isLeader: false, isSynchronized: false },
  ];
  answer = { kind: 'members', picture: { configuration, isChanging: true, outlook, members } };
  expect(await connection.list()).toEqual({
    kind: 'answered',
    value: { version: 4, isChanging: true, outlook, members },
  });
});

it('leadership that is transferred names its new place', async () => {
  answer = { kind: 'transferred', leader: 2 };
  expect(await connection.transfer(2)).toEqual({ kind: 'answered', value: 2 });
  expect(asked.pop()).toEqual({ kind: 'transfer', replica: 2 });
});

it.each(MEMBERS_REFUSALS)('the refusal %s comes over as it is', async (code) => {
  answer = refusal(code);
  expect(await connection.list()).toEqual(answer);
});

it('a request that is none is refused before anybody is asked', async () => {
  const before = asked.length;
  expect(await connection.transfer(0)).toMatchObject({ kind: 'failed' });
  expect(asked.length).toBe(before);
});
