import { decodeRestoration, encodeRestoration } from '@paddock/codec';
import { makeEpoch, makeZxid } from '@paddock/model';
import type { DeliveryReply, LeaderMessage, LogEntry, MembersAnswer } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entry } from '../broadcaster-fixture.ts';
import type { ScriptedReplica } from './scripted-replica.ts';
import {
  DATABASE,
  endOf,
  following,
  leading,
  PROCESSOR,
  SECOND,
  THIRD,
  trioHistory,
  zxidsOf,
} from './scripted-replica.ts';

const z = makeZxid;
const BACKUP = 'some-backup';

function codeOf(answer: MembersAnswer | undefined): string | undefined {
  return answer?.kind === 'refused' ? answer.code : answer?.kind;
}

function restore(leader: ScriptedReplica): MembersAnswer | undefined {
  return leader.ask({ kind: 'restore', backup: BACKUP });
}

/** The database of the replica says that it holds the backup. */
function hold(replica: ScriptedReplica): void {
  const messages = [{ kind: 'backupHeld', backup: BACKUP } as const];
  replica.step({ kind: 'databaseReceived', link: DATABASE, messages });
}

function needed(messages: readonly LeaderMessage[]): string[] {
  return messages.flatMap((it) => (it.kind === 'backupNeeded' ? it.backup : []));
}

/** What the database of the replica was told. */
function deliveries(replica: ScriptedReplica): readonly DeliveryReply[] {
  return replica.toDatabase.get(DATABASE) ?? [];
}

function restoration(epoch: number, counter: number): LogEntry {
  const payload = encodeRestoration({ backup: BACKUP, time: 5, leader: 1 });
  return { zxid: z(epoch, counter), kind: 'restoration', payload };
}

/** A leader whose database holds the backup, and that was asked to restore it: replica 2 follows. */
function restoring(): ScriptedReplica {
  const leader = leading();
  hold(leader);
  expect(restore(leader)).toBeUndefined();
  return leader;
}

describe('a restoration', () => {
  it('is refused where the database of the leader does not hold the backup, and says where it is', () => {
    const answer = restore(leading());
    expect(codeOf(answer)).toBe('backupNotHeld');
    expect(answer).toMatchObject({ leaderAddress: 'database-1' });
  });

  it('is refused of a backup that the log has restored already', () => {
    const history = trioHistory([z(1, 5)], {
      committed: z(1, 5),
      restorations: [{ zxid: z(1, 4), backup: BACKUP }],
    });
    const leader = leading({ history });
    hold(leader);
    expect(codeOf(restore(leader))).toBe('backupNotHeld');
  });

  it('is not logged before a quorum holds the backup, and writes go on until then', () => {
    const leader = restoring();
    expect(needed(leader.heard(2))).toEqual([BACKUP]);
    leader.propose(PROCESSOR, [entry(1, 2)]);
    leader.sync();
    leader.ack(2, z(1, 2));
    expect(leader.core.status()).toMatchObject({ committed: z(1, 2), lastProposed: z(1, 2) });
    leader.fromLearner(2, { kind: 'backupHeld', backup: BACKUP });
    expect(leader.core.status().lastProposed).toBe(z(1, 3));
    leader.sync();
    expect(zxidsOf(leader.heard(2)).at(-1)).toBe(z(1, 3));
  });

  it('is the last entry of its term, and a later epoch begins behind it', () => {
    const leader = restoring();
    leader.fromLearner(2, { kind: 'backupHeld', backup: BACKUP });
    expect(leader.replies(PROCESSOR).at(-1)).toMatchObject({ kind: 'termEnded' });
    expect(leader.answered).toEqual([]);
    leader.sync();
    leader.ack(2, z(1, 2));
    expect(leader.answered).toMatchObject([{ kind: 'restored', zxid: z(1, 2) }]);
    leader.sync();
    expect(leader.heard(2).find((it) => it.kind === 'newEpoch')).toMatchObject({ epoch: 2 });
  });

  it('of a backup of a later zxid comes in an epoch above that, so that no zxid comes again', () => {
    const leader = leading();
    const backup = '00000007.00000003.0123456789abcdef.1';
    const held = [{ kind: 'backupHeld', backup } as const];
    leader.step({ kind: 'databaseReceived', link: DATABASE, messages: held });
    expect(leader.ask({ kind: 'restore', backup })).toBeUndefined();
    leader.fromLearner(2, { kind: 'backupHeld', backup });
    expect(leader.core.status().lastProposed).toBe(z(1, 1));
    leader.sync();
    expect(leader.heard(2).find((it) => it.kind === 'newEpoch')).toMatchObject({ epoch: 8 });
    expect(leader.answered).toEqual([]);
  });

  it('H8: is not sent to a learner whose database does not hold the backup', () => {
    const leader = restoring();
    leader.joinInSync(3, THIRD);
    leader.fromLearner(2, { kind: 'backupHeld', backup: BACKUP });
    leader.sync();
    expect(leader.core.status().lastProposed).toBe(z(1, 2));
    expect(zxidsOf(leader.heard(3))).toEqual([]);
    leader.fromLearner(3, { kind: 'backupHeld', backup: BACKUP });
    leader.tick();
    expect(zxidsOf(leader.heard(3))).toEqual([z(1, 2)]);
  });

  it('H8: makes a snapshot needed by whoever is before it, once it is committed', () => {
    const history = trioHistory([z(1, 5)], {
      committed: z(1, 5),
      restorations: [{ zxid: z(1, 4), backup: BACKUP }],
    });
    const leader = leading({ history });
    leader.join(3, THIRD, endOf(z(1, 3), 1));
    expect(leader.heard(3)).toContainEqual({ kind: 'snapshotNeeded', atLeast: z(1, 4) });
    leader.join(4, { ...THIRD, incarnation: 99 }, endOf(z(1, 4), 1));
    expect(leader.heard(4).some((it) => it.kind === 'snapshotNeeded')).toBe(false);
  });

  it('has a follower fetch the backup where the leader wants it held, and tell once it is', () => {
    const follower = following(1);
    follower.fromLeader({ kind: 'backupNeeded', backup: BACKUP });
    expect(deliveries(follower)).toContainEqual({
      kind: 'backupNeeded',
      backup: BACKUP,
      databaseAddress: 'database-2',
    });
    expect(follower.toldLeader()).toEqual([]);
    hold(follower);
    expect(follower.toldLeader()).toEqual([{ kind: 'backupHeld', backup: BACKUP }]);
  });

  it('that is cut off leaves its backup held, and one that stays does not', () => {
    const follower = following(1);
    hold(follower);
    follower.toldLeader();
    follower.entriesFromLeader([entry(1, 1, 'termMarker'), restoration(1, 2)]);
    expect(decodeRestoration(follower.log.at(-1)?.payload ?? new Uint8Array())).toEqual({
      ...{ backup: BACKUP, time: 5, leader: 1 },
    });
    follower.sync();
    follower.fromLeader({ kind: 'newEpoch', epoch: makeEpoch(2), databaseAddress: 'database-2' });
    follower.sync();
    follower.fromLeader({ kind: 'truncate', after: z(1, 1) });
    expect(follower.cuts).toEqual([z(1, 1)]);
    follower.step({ kind: 'logTruncated', last: z(1, 1) });
    expect(follower.core.status().lastProposed).toBe(z(1, 1));
    follower.fromLeader({ kind: 'backupNeeded', backup: BACKUP });
    expect(deliveries(follower).some((it) => it.kind === 'backupNeeded')).toBe(false);
  });

  it('H8: whose backup a database has lost has it fetch a snapshot from behind it', () => {
    const follower = following(1);
    follower.entriesFromLeader([entry(1, 1, 'termMarker'), restoration(1, 2), entry(2, 1)]);
    follower.sync();
    const messages = [{ kind: 'backupLost', zxid: z(1, 2) } as const];
    follower.step({ kind: 'databaseReceived', link: DATABASE, messages });
    expect(deliveries(follower).at(-1)).toEqual({
      kind: 'snapshotNeeded',
      atLeast: z(1, 2),
      databaseAddress: 'database-2',
    });
    expect(follower.core.status().databases).toMatchObject([{ state: 'needsSnapshot' }]);
    expect(follower.core.status().mayNotStand).toBe('its database needs a snapshot');
  });

  it('is given up where leadership is lost before it is logged, and is in doubt behind that', () => {
    for (const isLogged of [false, true]) {
      const leader = restoring();
      if (isLogged) leader.fromLearner(2, { kind: 'backupHeld', backup: BACKUP });
      leader.meet(SECOND, { leads: makeEpoch(9), acceptedEpoch: makeEpoch(9) });
      const expected = isLogged ? 'unknownOutcome' : 'interrupted';
      expect(leader.answered.map(codeOf)).toEqual([expected]);
    }
  });
});
