import { describe, expect, it } from 'vitest';
import { Connection, servedWith } from './stage.ts';

/** Each case runs after /a, /a/c and the ephemeral /e exist; pipelined, so that all of it is in flight. */
const CASES: readonly (readonly [string, (it: Connection) => unknown, string])[] = [
  ['a create without its parent', (it) => it.create('/x/y'), 'noNode'],
  ['a create of what exists', (it) => it.create('/a'), 'nodeExists'],
  ['a create of the root', (it) => it.create('/'), 'nodeExists'],
  ['a create below an ephemeral', (it) => it.create('/e/x'), 'noChildrenForEphemerals'],
  [
    'a sequential create below an ephemeral',
    (it) => it.create('/e/', 'persistentSequential'),
    'noChildrenForEphemerals',
  ],
  ['a set of what is not there', (it) => it.set('/x'), 'noNode'],
  ['a set of another version', (it) => it.set('/a', 1), 'badVersion'],
  ['a set of its version', (it) => it.set('/a', 0), 'setZnodeData'],
  ['a set of the root', (it) => it.set('/'), 'setZnodeData'],
  ['a delete of what is not there', (it) => it.delete('/x'), 'noNode'],
  ['a delete below what is not there', (it) => it.delete('/x/y'), 'noNode'],
  ['a delete of another version', (it) => it.delete('/a/c', 3), 'badVersion'],
  ['a delete of what has children', (it) => it.delete('/a'), 'notEmpty'],
  ['a delete of the root', (it) => it.delete('/'), 'badArguments'],
  ['a delete of an ephemeral', (it) => it.delete('/e'), 'deleteZnode'],
];

describe('validation', () => {
  for (const [what, message, outcome] of CASES) {
    for (const inFlight of [true, false]) {
      it(`finds ${outcome} for ${what}, ${inFlight ? 'in flight' : 'applied'}`, () => {
        const connection = new Connection(1);
        const stage = servedWith(connection);
        stage.send(connection.create('/a'), connection.create('/a/c'));
        stage.send(connection.create('/e', 'ephemeral'));
        if (!inFlight) stage.settle();
        stage.send(message(connection) as ReturnType<Connection['create']>);
        stage.settle();
        expect(stage.takeOutcomes().at(-1)).toBe(outcome);
      });
    }
  }

  it('names sequential znodes by the count of creations of the parent, also across deletions', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    const next = () => connection.create('/q/n-', 'persistentSequential');
    stage.send(connection.create('/q'), next(), next(), connection.delete('/q/n-0000000001'));
    stage.send(next());
    stage.settle();
    stage.send(next());
    stage.settle();
    const paths = stage.proposed.map(({ change }) => 'path' in change && change.path);
    expect(paths).toEqual([
      '/q',
      '/q/n-0000000000',
      '/q/n-0000000001',
      '/q/n-0000000001',
      '/q/n-0000000002',
      '/q/n-0000000003',
    ]);
  });

  it('refuses a sequential name that somebody has taken, and counts on', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/q'), connection.create('/q/n-0000000001'));
    stage.settle();
    stage.takeOutcomes();
    const next = () => connection.create('/q/n-', 'persistentSequential');
    stage.send(next(), connection.create('/q/other'), next());
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['nodeExists', 'createZnode', 'createZnode']);
  });

  it('looks all foretold names of a burst up in one round', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/q'));
    stage.settle();
    for (let i = 0; i < 50; i++) stage.send(connection.create('/q/n-', 'persistentSequential'));
    stage.databaseSays(stage.takeAnswer());
    expect(stage.lookUps).toHaveLength(1);
    stage.answerAll();
    expect(stage.takeOutcomes()).toHaveLength(51);
  });
});
