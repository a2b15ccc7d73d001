import { describe, expect, it } from 'vitest';
import { get, opened, ScriptedClient, set, zxid } from './scripted-client.ts';
import { resumed } from './scripted-client-replies.ts';

describe('a request that is given up', () => {
  it('is not done where it was never sent, and takes no sequence from those behind it (P2)', () => {
    const client = new ScriptedClient();
    client.submit(set('/a'), set('/b'), get('/c'), set('/d'));
    client.step({ kind: 'giveUp', tag: 'setData /b' });
    client.step({ kind: 'giveUp', tag: 'getData /c' });
    expect(client.log).toEqual(['setData /b is given up unsent', 'getData /c is given up unsent']);
    expect(client.core.pending).toBe(2);
    client.reply(opened());
    const [, message] = client.sent();
    expect(message).toMatchObject({
      firstSequence: 1,
      operations: [{ path: '/a' }, { path: '/d' }],
    });
    const done = { zxid: zxid(2), result: { kind: 'deleted' } } as const;
    client.reply({ kind: 'results', results: [done, done] });
    expect(client.log.slice(-2)).toEqual(['setData /a: deleted', 'setData /d: deleted']);
    expect(client.core.pending).toBe(0);
  });

  it('is still decided by the session where it was sent, and sent again where that is lost (P5)', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), set('/b'));
    client.step({ kind: 'giveUp', tag: 'setData /a' });
    expect(client.log).toEqual(['setData /a is given up sent']);
    client.sent();
    client.breakLink();
    client.redial();
    client.reply(resumed(0));
    expect(client.sentOperations()).toEqual(['setData /a', 'setData /b']);
    const done = { zxid: zxid(2), result: { kind: 'deleted' } } as const;
    client.reply({ kind: 'results', results: [done, done] });
    expect(client.log.slice(-2)).toEqual(['setData /a: deleted', 'setData /b: deleted']);
  });

  it('is told once, and not of what is settled already', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'));
    client.reply({ kind: 'results', results: [{ zxid: zxid(2), result: { kind: 'deleted' } }] });
    client.step({ kind: 'giveUp', tag: 'setData /a' });
    client.submit(set('/b'));
    client.step({ kind: 'giveUp', tag: 'setData /b' });
    client.step({ kind: 'giveUp', tag: 'setData /b' });
    client.step({ kind: 'giveUp', tag: 'nobody' });
    expect(client.log).toEqual(['setData /a: deleted', 'setData /b is given up sent']);
  });

  it('keeps no place for what is given up, however long a connection is waited for', () => {
    const client = new ScriptedClient();
    for (let i = 0; i < 10_000; i++) {
      client.submit(set(`/${i}`));
      if (i % 10 !== 0) client.step({ kind: 'giveUp', tag: `setData /${i}` });
    }
    expect(client.core.pending).toBe(1000);
    client.reply(opened());
    const asked = client.sentOperations();
    expect(asked.slice(0, 3)).toEqual(['setData /0', 'setData /10', 'setData /20']);
  });

  it('says so where it is refused here behind what waits, and is not told of it again', () => {
    const client = new ScriptedClient();
    const bad = { kind: 'setData', path: '/bad', data: new Uint8Array(), version: -7 } as const;
    client.submit(set('/a'), bad);
    client.step({ kind: 'giveUp', tag: 'setData /bad' });
    expect(client.log).toEqual(['setData /bad is given up unsent']);
    client.step({ kind: 'abandon', reason: 'enough' });
    expect(client.log.slice(1)).toEqual(['closed', 'setData /a: connectionLoss']);
  });
});
