import { describe, expect, it } from 'vitest';
import { encodeText, makeTerm, makeZxid } from '@paddock/model';
import { Connection, servedWith, Stage, TERM } from './stage.ts';

const NEXT_EPOCH = makeTerm(2, 1);
const CONFIGURATION = encodeText('members, as the broadcaster wrote them');

function configure(stage: Stage, term = stage.term, configuration = CONFIGURATION): void {
  stage.broadcasterSays({ kind: 'configure', term, configuration });
}

describe('a configuration that the broadcaster asks for', () => {
  it('H11: is proposed once, with the next zxid, in its place among the transactions', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    stage.answerAll();
    const before = stage.database.log.at(-1)?.zxid ?? 0;
    configure(stage);
    stage.send(connection.create('/b'));
    stage.settle();
    expect(stage.entries.map((it) => [it.kind, it.zxid - before])).toEqual([
      ['data', 0],
      ['configuration', 1],
      ['data', 2],
    ]);
    expect(stage.entries[1]?.payload).toEqual(CONFIGURATION);
    expect(stage.core.status().changesInFlight).toBe(0);
  });

  it('H5: counts as in flight until it is applied', () => {
    const stage = servedWith(new Connection(1));
    configure(stage);
    expect(stage.core.status().changesInFlight).toBe(1);
    stage.apply();
    expect(stage.core.status().changesInFlight).toBe(0);
  });

  it('H11: asked for while its term is loaded, comes right behind the marker', () => {
    const stage = new Stage();
    stage.connect();
    stage.grant();
    configure(stage);
    expect(stage.entries).toEqual([]);
    stage.settle();
    expect(stage.entries.map((it) => it.kind)).toEqual(['termMarker', 'configuration']);
    expect(stage.entries.map((it) => it.zxid)).toEqual([makeZxid(1, 1), makeZxid(1, 2)]);
  });

  it('H1: of another term is not proposed, and one of an ended term does not return', () => {
    const stage = servedWith(new Connection(1));
    stage.entries = [];
    configure(stage, NEXT_EPOCH);
    stage.broadcasterSays({ kind: 'termEnded', term: TERM, reason: 'not the leader' });
    configure(stage, TERM);
    stage.grant(NEXT_EPOCH, stage.database.applied);
    configure(stage, TERM);
    stage.settle();
    expect(stage.entries.map((it) => it.kind)).toEqual(['termMarker']);
  });

  it('H1: asked for in a term that ends while it is loaded goes with it', () => {
    const stage = new Stage();
    stage.connect();
    stage.grant();
    configure(stage);
    stage.grant(NEXT_EPOCH);
    stage.settle();
    expect(stage.entries.map((it) => it.kind)).toEqual(['termMarker']);
  });
});
