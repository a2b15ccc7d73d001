import { decodeConfiguration, encodeConfiguration } from '@paddock/codec';
import { makeZxid } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entry } from '../broadcaster-fixture.ts';
import {
  leading,
  PROCESSOR,
  ScriptedReplica,
  THIRD,
  TRIO,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;
/** The third replica came back with an empty disk. */
const REBORN = { replica: 3, incarnation: 77 };
const RENEWED: EnsembleConfiguration = {
  ...TRIO,
  version: 2,
  members: TRIO.members.map((it) => (it.replica === 3 ? { ...it, incarnation: 77 } : it)),
};

function listing(counter: number, configuration = RENEWED): LogEntry {
  const payload = encodeConfiguration(configuration);
  return { zxid: z(1, counter), kind: 'configuration', payload };
}

/** What the processor was asked to propose, oldest first. */
function asked(leader: ScriptedReplica): EnsembleConfiguration[] {
  return leader
    .replies(PROCESSOR)
    .flatMap((it) => (it.kind === 'configure' ? [decodeConfiguration(it.configuration)] : []));
}

describe('a voter that lost its disk', () => {
  it('H7: does not count before its new life is listed', () => {
    const leader = leading();
    leader.step({ kind: 'learnerEnded', link: 2, end: { cause: 'lost', reason: 'gone' } });
    leader.joinInSync(3, REBORN);
    leader.propose(PROCESSOR, [entry(1, 2)]);
    leader.sync();
    leader.ack(3, z(1, 2));
    expect(leader.core.status().committed).toBe(z(1, 1));
  });

  it('H7: is listed by itself once it has synchronized, and is asked for once', () => {
    const leader = leading();
    expect(asked(leader)).toEqual([]);
    leader.joinInSync(3, REBORN);
    leader.tick();
    expect(asked(leader)).toEqual([RENEWED]);
  });

  it('is not listed while its old life is there', () => {
    const leader = leading();
    leader.joinInSync(3, THIRD);
    leader.joinInSync(4, REBORN);
    expect(asked(leader)).toEqual([]);
    leader.step({ kind: 'learnerEnded', link: 3, end: { cause: 'lost', reason: 'gone' } });
    expect(asked(leader)).toEqual([RENEWED]);
  });

  it('is not listed in the place of the leader itself', () => {
    const leader = leading();
    leader.joinInSync(3, { replica: 1, incarnation: 99 });
    expect(asked(leader)).toEqual([]);
  });

  it('H11: counts from the append on, together with a quorum of the former voters', () => {
    const leader = leading();
    leader.joinInSync(3, REBORN);
    leader.propose(PROCESSOR, [listing(2)]);
    expect(leader.core.status().configuration).toEqual(RENEWED);
    leader.sync();
    leader.ack(3, z(1, 2));
    expect(leader.core.status().committed).toBe(z(1, 1));
    leader.ack(2, z(1, 2));
    expect(leader.core.status().committed).toBe(z(1, 2));
    leader.propose(PROCESSOR, [entry(1, 3)]);
    leader.sync();
    leader.ack(3, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 3));
  });

  it('H11: and no entry behind the change is committed by the former voters alone', () => {
    const leader = leading();
    const added = [4, 5].map((replica) => ({
      replica,
      incarnation: 1,
      role: 'voter' as const,
      address: `replica-${replica}`,
    }));
    const five = [...RENEWED.members, ...added];
    leader.joinInSync(3, REBORN);
    leader.propose(PROCESSOR, [listing(2, { ...TRIO, members: five }), entry(1, 3)]);
    leader.sync();
    leader.ack(2, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 1));
    leader.ack(3, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 3));
  });

  it('one change is made at a time', () => {
    const leader = leading();
    leader.joinInSync(3, REBORN);
    leader.propose(PROCESSOR, [listing(2), listing(3)]);
    expect(leader.closed).toEqual([
      'processor 102: one change of membership is under way at a time',
    ]);
    expect(leader.log.at(-1)?.zxid).toBe(z(1, 2));
  });

  it('H7: is proposed a second time once committed, so that every log tells that it is', () => {
    const leader = leading();
    leader.joinInSync(3, REBORN);
    leader.propose(PROCESSOR, [listing(2)]);
    leader.sync();
    leader.ack(2, z(1, 2));
    expect(asked(leader)).toEqual([RENEWED, RENEWED]);
    leader.propose(PROCESSOR, [listing(3)]);
    expect(leader.hints.at(-1)).toBe(z(1, 2));
    leader.sync();
    leader.ack(3, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 3));
    leader.tick();
    expect(asked(leader).length).toBe(2);
  });

  it('H7: then needs nobody of the former voters after a power cut, and before that it does', () => {
    const configurations = [TRIO, RENEWED].map((configuration, i) => ({
      zxid: z(1, 2 * i),
      configuration,
    }));
    const at = (committed: number) => {
      const history = trioHistory([z(1, 3)], { configurations, committed: z(1, committed) });
      const replica = new ScriptedReplica({ history });
      replica.serve();
      replica.meet(REBORN);
      return replica.asked(3).map((it) => it.kind);
    };
    expect(at(2)).toEqual(['preVote']);
    expect(at(1)).toEqual([]);
  });

  it('is asked for again under the next term, should the processor have gone with it', () => {
    const leader = leading();
    leader.joinInSync(3, REBORN);
    leader.end('processorEnded', PROCESSOR);
    leader.processor(PROCESSOR + 1);
    leader.propose(PROCESSOR + 1, [entry(1, 2, 'termMarker')]);
    leader.sync();
    leader.ack(2, z(1, 2));
    const configure = leader.replies(PROCESSOR + 1).at(-1);
    expect(configure).toMatchObject({ kind: 'configure', term: leader.term });
  });
});
