import { ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, NumberedResult } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { get, ScriptedClient, set, short, zxid } from './scripted-client.ts';
import { ended, read, recorded, results, resumed, STAT, wrote } from './scripted-client-replies.ts';

const READ_ONLY = { kind: 'readOnly', timeoutMs: 9000 } as const;
const WATCH: ClientOperation = {
  kind: 'exists',
  path: '/p',
  watch: true,
  mode: 'persistent',
  atLeast: ZXID_ZERO,
};
const SYNC = { kind: 'sync' } as const;

/** Of a client whose session was opened, and whose connection has ended. */
function suspended(servers = ['a:1', 'b:1']): ScriptedClient {
  const client = new ScriptedClient({ servers, readOnly: true }).open();
  client.breakLink();
  client.redial();
  client.log.length = 0;
  return client;
}

const NOT_SERVING: NumberedResult = {
  zxid: zxid(1),
  result: { kind: 'failed', code: 'notServing', reason: 'never fresh' },
};

describe('a client that accepts read-only', () => {
  it('says so when it opens and when it resumes, and others say nothing of it', () => {
    const client = new ScriptedClient({ servers: ['a:1'], readOnly: true });
    expect(client.sent()).toMatchObject([{ kind: 'open', acceptsReadOnly: true }]);
    client.open();
    client.breakLink();
    client.redial();
    expect(client.sent()).toMatchObject([{ kind: 'resume', acceptsReadOnly: true }]);
    expect(new ScriptedClient().sent()[0]).not.toHaveProperty('acceptsReadOnly');
  });

  it('is told where it reads only, and each answer is marked', () => {
    const client = suspended();
    client.submit(get('/a'));
    client.sent();
    client.reply(READ_ONLY);
    expect(client.core.state).toBe('readOnly');
    expect(client.sentOperations()).toEqual(['getData /a']);
    client.reply(results(read(9)));
    expect(client.log).toEqual(['readOnly', 'getData /a: data']);
    expect(client.deliveries.at(-1)).toMatchObject({ readOnly: true });
  });

  it('P9: what it reads meanwhile covers no event: watches come back behind what was told before', () => {
    const client = new ScriptedClient({ servers: ['a:1', 'b:1'], readOnly: true }).open();
    client.submit(get('/w', true), WATCH);
    client.reply(results(read(2), { zxid: zxid(2), result: { kind: 'stat', stat: STAT } }));
    client.breakLink();
    client.redial();
    client.submit(get('/a'));
    client.sent();
    client.reply(READ_ONLY);
    client.sent();
    client.reply(results(read(9)));
    client.reply(ended('resumeElsewhere'));
    client.redial();
    expect(client.sent().at(-1)).toMatchObject({
      kind: 'resume',
      floor: zxid(9),
      watches: [
        { path: '/w', kind: 'data', from: zxid(2) },
        { path: '/p', kind: 'persistent', from: zxid(2) },
      ],
    });
  });

  it('has a write refused that was never sent, and what only a leader can answer; they use up no number', () => {
    const client = suspended();
    client.sent();
    client.reply(READ_ONLY);
    client.submit(set('/a'), SYNC, get('/b'), get('/w', true), set('/c'));
    expect(client.sentOperations()).toEqual(['getData /b']);
    client.reply(results(read(9)));
    expect(client.log.slice(1)).toEqual([
      'setData /a: notReadOnly',
      'sync: notReadOnly',
      'getData /b: data',
      'getData /w: notReadOnly',
      'setData /c: notReadOnly',
    ]);
    client.reply(ended('resumeElsewhere'));
    client.redial();
    client.sent();
    client.submit(set('/d'));
    client.reply(resumed(0));
    expect(client.sent()).toMatchObject([{ kind: 'operations', firstSequence: 1 }]);
    client.reply(results(wrote(60)));
    expect(client.log.at(-1)).toBe('setData /d: dataSet');
    expect(client.deliveries.at(-1)).toMatchObject({ readOnly: false });
  });

  it('P5: keeps a write that may have taken effect, and all behind it, for the session', () => {
    const client = new ScriptedClient({ servers: ['a:1', 'b:1'], readOnly: true }).open();
    client.submit(set('/a'), get('/a'), set('/b'));
    client.breakLink();
    client.redial();
    client.sent();
    client.reply(READ_ONLY);
    client.submit(get('/c'));
    expect(client.sentOperations()).toEqual([]);
    client.reply(ended('resumeElsewhere'));
    client.redial();
    client.sent();
    client.reply(resumed(1, [recorded(1, '/a')]));
    expect(client.sentOperations()).toEqual(['getData /a', 'setData /b', 'getData /c']);
  });

  it('P3: brings what it was shown back to the leader, as what it has seen', () => {
    const client = suspended();
    client.submit(get('/a'));
    client.reply(READ_ONLY);
    client.reply(results(read(44)));
    client.reply(ended('resumeElsewhere'));
    client.redial();
    expect(client.sent().at(-1)).toMatchObject({ kind: 'resume', floor: zxid(44) });
  });

  it('H17: is lost all the same once nobody has acknowledged a sign of life for long enough', () => {
    const client = suspended(['a:1']);
    client.advance(2000);
    client.reply(READ_ONLY);
    for (let i = 0; i < 7; i++) {
      client.advance(1000);
      client.reply({ kind: 'heartbeat', acknowledged: 0, covered: zxid(0) });
    }
    expect(client.core.state).toBe('lost');
    client.submit(get('/a'));
    client.reply(results(read(9)));
    expect(client.log).toEqual(['readOnly', 'lost', 'getData /a: data']);
    client.reply(ended('resumeElsewhere'));
    client.redial();
    client.reply(resumed(0));
    expect(client.core.state).toBe('connected');
  });

  it('looks for a server with a leader after a while, and asks again what was not answered', () => {
    const client = suspended();
    client.reply(READ_ONLY);
    client.submit(get('/a'));
    const { length } = client.dials;
    client.sent();
    client.advance(850);
    expect(client.dials.length).toBe(length);
    client.advance(100);
    expect(client.dials.length).toBe(length + 1);
    // The longer, the more often none was found.
    client.reply(READ_ONLY);
    client.advance(1750);
    expect(client.dials.length).toBe(length + 1);
    client.advance(100);
    expect(client.dials.length).toBe(length + 2);
    client.sent();
    client.reply(resumed(0));
    expect(client.sentOperations()).toEqual([short(get('/a'))]);
    expect(client.core.state).toBe('connected');
  });

  it('goes elsewhere from a replica that has nothing to show', () => {
    const client = suspended();
    client.submit(get('/a'));
    client.reply(READ_ONLY);
    const { length } = client.dials;
    client.reply(results(NOT_SERVING));
    expect(client.log).toEqual(['readOnly', 'suspended']);
    client.redial();
    expect(client.dials.length).toBeGreaterThan(length);
  });

  it('may read before it has ever had a session, and gets one of its own later', () => {
    const client = new ScriptedClient({ servers: ['a:1'], readOnly: true });
    client.reply(READ_ONLY);
    expect([client.core.state, client.core.session]).toEqual(['readOnly', null]);
    client.submit(get('/a'));
    client.reply(results(read(44)));
    client.log.splice(1);
    client.advance(20_000);
    client.reply(ended('resumeElsewhere'));
    client.redial();
    // P3: another replica that has no leader shows no less.
    expect(client.sent().at(-1)).toMatchObject({ kind: 'open', floor: zxid(44) });
    expect(client.log.slice(0, 2)).toEqual(['readOnly', 'connecting']);
    client.open();
    expect(client.core.state).toBe('connected');
  });
});

it('a client that does not accept it hangs up on who serves it read-only', () => {
  const client = new ScriptedClient();
  client.reply(READ_ONLY);
  expect(client.core.state).toBe('connecting');
  expect(client.hangUps.length).toBe(1);
});
