import { trustedPath, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, EventKind, PersistentMode, SessionReply } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { get, ScriptedClient, zxid } from './scripted-client.ts';
import { read, results, resumed } from './scripted-client-replies.ts';

function watch(path: string, mode: PersistentMode = 'persistent'): ClientOperation {
  return { kind: 'exists', path, watch: true, mode, atLeast: ZXID_ZERO };
}

function event(kind: EventKind, path: string, at: number): SessionReply {
  return { kind: 'event', event: { kind, path: trustedPath(path), zxid: zxid(at) } };
}

function stat(at: number) {
  const { zxid: reflected, result } = read(at);
  if (result.kind !== 'data') throw new TypeError('a read has data');
  return { zxid: reflected, result: { kind: 'stat', stat: result.stat } as const };
}

/** The watches that a client brings back. */
function broughtBack(client: ScriptedClient): unknown {
  client.breakLink();
  client.sent();
  client.redial();
  const [resume] = client.sent();
  return resume?.kind === 'resume' ? resume.watches : null;
}

describe('persistent watches', () => {
  it('tell each event, in order, and stay', () => {
    const client = new ScriptedClient().open();
    client.submit(watch('/a'), watch('/', 'persistentRecursive'));
    client.reply(results(stat(2), stat(2)));
    client.log.length = 0;
    client.reply(event('nodeDataChanged', '/a', 3), event('nodeCreated', '/a/b', 4));
    client.reply(event('nodeChildrenChanged', '/a', 4), event('nodeDataChanged', '/a', 5));
    expect(client.log).toEqual([
      'exists /a fires nodeDataChanged',
      'exists / fires nodeDataChanged',
      'exists / fires nodeCreated',
      'exists /a fires nodeChildrenChanged',
      'exists /a fires nodeDataChanged',
      'exists / fires nodeDataChanged',
    ]);
  });

  it('P9: come back behind what was told, and are told nothing twice', () => {
    const client = new ScriptedClient().open();
    client.submit(watch('/a'));
    client.reply(results(stat(2)), event('nodeDataChanged', '/a', 5));
    // There may be more of the same transaction.
    expect(broughtBack(client)).toEqual([{ path: '/a', kind: 'persistent', from: zxid(4) }]);
    client.reply(resumed(0));
    client.log.length = 0;
    client.reply(event('nodeDataChanged', '/a', 5), event('nodeChildrenChanged', '/a', 5));
    expect(client.log).toEqual(['exists /a fires nodeChildrenChanged']);
  });

  it('P9: that hear nothing come back behind what is known to be covered', () => {
    const client = new ScriptedClient().open();
    client.submit(watch('/a'));
    client.reply(results(stat(2)));
    client.reply({ kind: 'heartbeat', acknowledged: 0, covered: zxid(90) });
    expect(broughtBack(client)).toMatchObject([{ from: zxid(90) }]);
    client.reply(resumed(0));
    client.submit(get('/b'));
    client.reply(results(read(95)));
    expect(broughtBack(client)).toMatchObject([{ from: zxid(95) }]);
  });

  it('P9: say so when some of their past is compacted, and stay', () => {
    const client = new ScriptedClient().open();
    client.submit(watch('/a'));
    client.reply(results(stat(2)));
    const watches = [{ path: trustedPath('/a'), kind: 'persistent', from: zxid(2) }] as const;
    client.reply({ kind: 'watchesCompacted', watches }, event('nodeDataChanged', '/a', 9));
    expect(client.log.slice(-2)).toEqual([
      'exists /a fires compacted',
      'exists /a fires nodeDataChanged',
    ]);
  });

  it('P9: leave to one-shot watches what those are told of the time that is compacted', () => {
    const client = new ScriptedClient().open();
    client.submit(watch('/a'), get('/a', true));
    client.reply(results(stat(2), read(2)));
    client.log.length = 0;
    const watches = [{ path: trustedPath('/a'), kind: 'persistent', from: zxid(8) }] as const;
    client.reply({ kind: 'watchesCompacted', watches }, event('nodeDataChanged', '/a', 6));
    client.reply(event('nodeDataChanged', '/a', 9));
    expect(client.log).toEqual([
      'exists /a fires compacted',
      'getData /a fires nodeDataChanged',
      'exists /a fires nodeDataChanged',
    ]);
  });

  it('do not fire a one-shot watch by an event that it stands behind', () => {
    const client = new ScriptedClient().open();
    client.submit(watch('/a'), get('/a', true));
    client.reply(results(stat(2), read(8)));
    client.log.length = 0;
    client.reply(event('nodeDataChanged', '/a', 5), event('nodeDataChanged', '/a', 9));
    expect(client.log).toEqual([
      'getData /a fires nodeDataChanged',
      'exists /a fires nodeDataChanged',
    ]);
  });
});
