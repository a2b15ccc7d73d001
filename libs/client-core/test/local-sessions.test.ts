import { makeSessionId } from '@paddock/model';
import type { SessionReply } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { get, ScriptedClient, SECRET, SESSION, set, zxid } from './scripted-client.ts';
import { ended, read, results, resumed, wrote } from './scripted-client-replies.ts';

const CLOSE = { kind: 'closeSession' } as const;
const UPGRADED: SessionReply = { kind: 'upgraded', zxid: zxid(20) };

function opening(session = SESSION, at = 1): SessionReply {
  const granted = { session, secret: SECRET, timeoutMs: 9000, isLocal: true } as const;
  return { kind: 'opened', ...granted, zxid: zxid(at) };
}

function local(options = {}): ScriptedClient {
  const client = new ScriptedClient({ local: true, ...options });
  client.sent();
  client.reply(opening());
  client.log.length = 0;
  return client;
}

describe('a client with a local session', () => {
  it('asks for one when it opens, and others do not', () => {
    const client = new ScriptedClient({ local: true });
    expect(client.sent()).toMatchObject([{ kind: 'open', local: { watches: [] } }]);
    expect(new ScriptedClient().sent()[0]).not.toHaveProperty('local');
  });

  it('P5, H19 c: makes it a global one before its first write leaves, and what is behind that waits', () => {
    const client = local();
    client.submit(get('/a'), set('/a'), get('/b'));
    expect(client.sent()).toMatchObject([
      { kind: 'operations', operations: [get('/a')] },
      { kind: 'upgrade' },
    ]);
    client.submit(get('/c'));
    client.reply(results(read(9)));
    expect(client.sent()).toEqual([]);
    client.reply(UPGRADED);
    expect(client.sentOperations()).toEqual(['setData /a', 'getData /b', 'getData /c']);
    client.reply(results(wrote(21), read(21), read(21)));
    client.submit(set('/d'));
    expect(client.sentOperations()).toEqual(['setData /d']);
    client.breakLink();
    client.redial();
    expect(client.sent()).toMatchObject([{ kind: 'resume', session: SESSION, floor: zxid(21) }]);
  });

  it('P3, P9: opens another when it loses the connection, from what it has seen and with its watches', () => {
    const client = local();
    client.submit(get('/a', true));
    client.reply(results(read(9)));
    client.breakLink();
    expect(client.core.state).toBe('suspended');
    client.redial();
    expect(client.sent().at(-1)).toMatchObject({
      kind: 'open',
      floor: zxid(9),
      local: { watches: [{ path: '/a', kind: 'data', from: zxid(9) }] },
    });
    const other = makeSessionId(78);
    const event = { kind: 'nodeDataChanged', path: '/a', zxid: zxid(12) } as const;
    client.reply({ kind: 'event', event } as SessionReply, opening(other, 13));
    expect(client.log.slice(1)).toEqual([
      'suspended',
      'getData /a fires nodeDataChanged',
      'connected',
    ]);
    expect(client.core.session).toBe(other);
  });

  it('P5: sends a write that an upgrade was lost with once, from another local session', () => {
    const client = local();
    client.submit(set('/a'));
    client.breakLink();
    client.redial();
    client.sent();
    client.reply(opening(makeSessionId(78)));
    expect(client.sent()).toEqual([{ kind: 'upgrade' }]);
    client.reply(UPGRADED);
    expect(client.sent()).toMatchObject([{ kind: 'operations', firstSequence: 1 }]);
    client.breakLink();
    client.redial();
    expect(client.sent()).toMatchObject([{ kind: 'resume', session: 78 }]);
    client.reply(resumed(0));
    expect(client.sentOperations()).toEqual(['setData /a']);
  });

  it('closes it without an upgrade, also where the first close was lost', () => {
    const client = local();
    client.submit(CLOSE);
    expect(client.sentOperations()).toEqual(['closeSession']);
    client.breakLink();
    client.redial();
    client.sent();
    client.reply(opening(makeSessionId(78)));
    expect(client.sent()).toMatchObject([{ kind: 'operations', firstSequence: 1 }]);
    client.reply(results({ zxid: zxid(2), result: { kind: 'closed' } }));
    expect(client.log).toContain('closeSession: closed');
    expect(client.core.state).toBe('closed');
  });

  it('goes on with another when the service has given it up', () => {
    const client = local();
    client.reply(ended('expired'));
    expect(client.core.state).toBe('suspended');
    client.redial();
    client.reply(opening(makeSessionId(78)));
    expect(client.core.state).toBe('connected');
  });

  it('has a global one where the service grants no other', () => {
    const client = new ScriptedClient({ local: true }).open();
    client.submit(set('/a'));
    expect(client.sentOperations()).toEqual(['setData /a']);
  });

  it('does not believe in an upgrade that it has not asked for', () => {
    const client = local();
    client.reply(UPGRADED);
    expect(client.hangUps).toHaveLength(1);
  });
});
