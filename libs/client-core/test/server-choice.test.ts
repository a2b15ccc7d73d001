import { describe, expect, it } from 'vitest';
import { get, ScriptedClient, set } from './scripted-client.ts';
import { ended, read, results, resumed, wrote } from './scripted-client-replies.ts';

describe('the next server', () => {
  it('waits between 50 ms and 1 s, doubling, before it dials again', () => {
    const client = new ScriptedClient();
    const delays: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = client.clock.nowMs;
      client.breakLink();
      delays.push(client.effects.deadlineMs - before);
      client.redial();
    }
    [50, 100, 200, 400, 800, 1000, 1000, 1000].forEach((most, i) => {
      expect(delays[i]).toBeGreaterThanOrEqual(most / 2);
      expect(delays[i]).toBeLessThanOrEqual(most);
    });
  });

  it('tries every server at once, in an order of its own, before it waits', () => {
    const servers = ['a:1', 'b:1', 'c:1', 'd:1'];
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const client = new ScriptedClient({ servers }, seed);
      for (let i = 1; i < 4; i++) client.breakLink();
      expect(client.clock.nowMs).toBe(0);
      expect(client.dials.slice().sort()).toEqual(servers);
      orders.add(client.dials.join());
      client.breakLink();
      expect(client.dials).toHaveLength(4);
      expect(client.effects.deadlineMs).toBeGreaterThanOrEqual(25);
      client.redial();
      client.breakLink();
      expect(client.dials).toHaveLength(6);
    }
    // Who loses a server goes to any of the others, not all to the same.
    expect(orders.size).toBeGreaterThan(8);
  });

  it('goes to another server at once when a front-end does not serve, and fails nothing', () => {
    const client = new ScriptedClient({ servers: ['a:1', 'b:1', 'c:1'] }).open();
    client.advance(1500);
    client.submit(set('/a'), get('/a'));
    client.sent();
    client.log.length = 0;
    client.reply(ended('resumeElsewhere'));
    client.reply(ended('resumeElsewhere'));
    expect(client.dials).toHaveLength(3);
    expect(new Set(client.dials).size).toBe(3);
    expect(client.sent().map((it) => it.kind)).toEqual(['resume', 'resume']);
    client.reply(resumed(0));
    client.reply(results(wrote(60), read(60)));
    expect(client.log).toEqual([
      'suspended',
      'connected',
      'setData /a: dataSet',
      'getData /a: data',
    ]);
  });

  it('is not dialled at once when the last one has dropped the session as soon as it had it', () => {
    const client = new ScriptedClient({ servers: ['a:1', 'b:1'] }).open();
    for (let i = 0; i < 10; i++) {
      client.breakLink();
      if (client.dials.length < i + 2) client.redial();
      client.reply(resumed(0));
    }
    expect(client.clock.nowMs).toBeGreaterThan(4 * 25);
    for (let dials = 12; dials < 16; dials++) {
      client.advance(1000);
      client.breakLink();
      expect(client.dials).toHaveLength(dials);
      client.reply(resumed(0));
    }
  });

  it('H17: waits no longer between two servers than its session may be silent', () => {
    const client = new ScriptedClient({ reconnectMaxMs: 60_000 }).open(2000);
    for (let i = 0; i < 20; i++) {
      client.breakLink();
      expect(client.effects.deadlineMs - client.clock.nowMs).toBeLessThanOrEqual(500);
      client.redial();
    }
  });
});
