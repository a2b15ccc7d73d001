import { makeZxid } from '@paddock/model';
import type { DeliveryReply } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries } from '../broadcaster-fixture.ts';
import { DATABASE, following, leading, PROCESSOR, THIRD, trioHistory } from './scripted-replica.ts';
import type { ScriptedReplica } from './scripted-replica.ts';

const z = makeZxid;
const AT = z(1, 4);
const [RIGHT, WRONG, OTHER] = [1, 2, 3].map((byte) => Uint8Array.of(byte, byte));

/** A leader with both others, everybody at the agreed zxid. */
function all(): ScriptedReplica {
  const leader = leading();
  leader.joinInSync(3, THIRD);
  leader.propose(PROCESSOR, entries(1, 2, 4));
  leader.sync();
  for (const link of [2, 3]) {
    leader.ack(link, AT);
    leader.heard(link);
  }
  return leader;
}

function tellOwn(replica: ScriptedReplica, digest = RIGHT): void {
  replica.fromDatabase(DATABASE, { kind: 'digest', zxid: AT, digest: digest ?? new Uint8Array() });
}

function tell(leader: ScriptedReplica, link: number, digest = RIGHT): void {
  leader.fromLearner(link, { kind: 'digest', zxid: AT, digest: digest ?? new Uint8Array() });
}

function verdicts(replica: ScriptedReplica): string[] {
  const replies: readonly DeliveryReply[] = replica.toDatabase.get(DATABASE) ?? [];
  return replies.flatMap((it) => (it.kind === 'digestVerdict' ? [it.verdict] : []));
}

describe('a leader that compares digests', () => {
  it('H22: tells all what a majority has, once it has', () => {
    const leader = all();
    tellOwn(leader);
    expect(leader.heard(2)).toEqual([]);
    tell(leader, 2);
    const verdict = { kind: 'digestVerdict', zxid: AT, digest: RIGHT };
    expect(leader.heard(2)).toEqual([verdict]);
    expect(leader.heard(3)).toEqual([verdict]);
    expect(verdicts(leader)).toEqual(['agreed']);
    tell(leader, 3, WRONG);
    expect(leader.core.status().role).toBe('leader');
    expect(verdicts(leader)).toEqual(['agreed']);
  });

  it('H18, H22: whose own database a majority contradicts leads no more, at once, and has it fetch another', () => {
    const leader = all();
    tellOwn(leader, WRONG);
    tell(leader, 2);
    expect(leader.core.status().role).toBe('leader');
    tell(leader, 3);
    expect(leader.core.status().role).toBe('looking');
    expect(verdicts(leader)).toEqual(['contradicted']);
    expect(leader.core.status().databases).toMatchObject([{ state: 'needsSnapshot' }]);
    expect(leader.core.status().mayNotStand).toBe('its database needs a snapshot');
    // The others had to hear of it first: they are told what is right.
    expect(leader.heard(3)).toEqual([{ kind: 'digestVerdict', zxid: AT, digest: RIGHT }]);
  });

  it('H22: says that there is no majority when no opinion that is to come could make one', () => {
    const leader = all();
    tellOwn(leader);
    tell(leader, 2, WRONG);
    expect(verdicts(leader)).toEqual([]);
    tell(leader, 3, OTHER);
    expect(verdicts(leader)).toEqual(['undecided']);
    expect(leader.heard(2)).toEqual([{ kind: 'digestVerdict', zxid: AT, digest: null }]);
    expect(leader.core.status().role).toBe('leader');
  });

  it('H22: does not wait for the opinion of a voter that is not there', () => {
    const leader = leading();
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.sync();
    leader.ack(2, AT);
    tellOwn(leader);
    tell(leader, 2, WRONG);
    expect(verdicts(leader)).toEqual(['undecided']);
  });

  it('H22: hears no observer and no life of a voter that is not listed', () => {
    const leader = leading();
    leader.joinInSync(4, { replica: 4, incarnation: 1 });
    leader.joinInSync(5, { ...THIRD, incarnation: 77 });
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.sync();
    leader.ack(2, AT);
    tellOwn(leader);
    for (const link of [4, 5]) tell(leader, link, WRONG);
    expect(verdicts(leader)).toEqual([]);
    tell(leader, 2);
    expect(verdicts(leader)).toEqual(['agreed']);
  });

  it('tells a database that comes to the zxid later what was found', () => {
    const leader = all();
    tell(leader, 2);
    tell(leader, 3);
    expect(verdicts(leader)).toEqual([]);
    tellOwn(leader);
    expect(verdicts(leader)).toEqual(['agreed']);
  });
});

describe('a follower whose database is compared', () => {
  const history = trioHistory([z(1, 9)]);

  it('H22: passes on the digest, and takes the verdict against it as its own', () => {
    const follower = following(2, { history });
    tellOwn(follower, WRONG);
    expect(follower.toldLeader()).toEqual([{ kind: 'digest', zxid: AT, digest: WRONG }]);
    follower.fromLeader({ kind: 'digestVerdict', zxid: AT, digest: RIGHT ?? null });
    expect(verdicts(follower)).toEqual(['contradicted']);
    expect(follower.toDatabase.get(DATABASE)?.at(-1)).toMatchObject({
      kind: 'snapshotNeeded',
      databaseAddress: 'database-2',
    });
    follower.entriesFromLeader(entries(2, 1, 3), z(2, 3));
    follower.sync();
    expect(follower.delivered(DATABASE)).toEqual([]);
    expect(follower.core.status().role).toBe('follower');
  });

  it('H22: and also where the verdict comes before its own digest', () => {
    const follower = following(2, { history });
    follower.fromLeader({ kind: 'digestVerdict', zxid: AT, digest: RIGHT ?? null });
    tellOwn(follower, WRONG);
    expect(verdicts(follower)).toEqual(['contradicted']);
  });

  it('H22: tells its database that nobody knows who is right', () => {
    const follower = following(2, { history });
    tellOwn(follower);
    follower.fromLeader({ kind: 'digestVerdict', zxid: AT, digest: null });
    expect(verdicts(follower)).toEqual(['undecided']);
    expect(follower.core.status().databases).toMatchObject([{ state: 'delivering' }]);
  });

  it('judges no database by the digest of the one before it', () => {
    const follower = following(2, { history });
    tellOwn(follower, WRONG);
    follower.end('databaseEnded', DATABASE);
    follower.database(DATABASE, z(1, 9));
    follower.fromLeader({ kind: 'digestVerdict', zxid: AT, digest: RIGHT ?? null });
    expect(verdicts(follower)).toEqual([]);
  });
});
