import { trustedPath, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { get, ScriptedClient, set, zxid } from './scripted-client.ts';
import { ended, read, recorded, results, resumed, wrote } from './scripted-client-replies.ts';

describe('watches', () => {
  it('fire once for every read that set them, before the results behind them', () => {
    const client = new ScriptedClient().open();
    client.submit(get('/a', true));
    client.reply(results(read(2)));
    client.submit(get('/a', true), get('/b'));
    client.log.length = 0;
    const event = { kind: 'nodeDataChanged', path: trustedPath('/a'), zxid: zxid(5) } as const;
    client.reply(results(read(3)), { kind: 'event', event }, results(read(5)), {
      kind: 'event',
      event,
    });
    expect(client.log).toEqual([
      'getData /a: data',
      'getData /a fires nodeDataChanged',
      'getData /a fires nodeDataChanged',
      'getData /b: data',
    ]);
  });

  it('are not fired by events of other kinds', () => {
    const client = new ScriptedClient().open();
    client.submit(get('/a', true));
    client.reply(results(read(2)), {
      kind: 'event',
      event: { kind: 'nodeChildrenChanged', path: trustedPath('/a'), zxid: zxid(3) },
    });
    expect(client.log).toEqual(['getData /a: data']);
  });

  it('P9: say so when their past is compacted', () => {
    const client = new ScriptedClient().open();
    client.submit(get('/a', true));
    client.reply(results(read(2)));
    client.breakLink();
    client.redial();
    client.reply(resumed(0), {
      kind: 'watchesCompacted',
      watches: [{ kind: 'data', path: trustedPath('/a'), from: zxid(2) }],
    });
    expect(client.log.at(-1)).toBe('getData /a fires compacted');
    client.breakLink();
    client.sent();
    client.redial();
    expect(client.sent()).toMatchObject([{ kind: 'resume', watches: [] }]);
  });

  it('are refused beyond what a resume can carry', () => {
    const client = new ScriptedClient({ watchBytes: 30 }).open();
    client.submit(get('/a', true));
    client.reply(results(read(2)));
    client.submit(get('/b', true), get('/c'));
    expect(client.sentOperations()).toEqual(['getData /a', 'getData /c']);
    expect(client.log.at(-1)).toBe('getData /b: quotaExceeded');
  });
});

describe('the life of the session', () => {
  it('H17 a: is lost a timeout after the sending of the newest acknowledged heartbeat', () => {
    const client = new ScriptedClient().open(9000);
    client.advance(3000);
    // Heartbeats go at 3, 6 and 9 s; answers come, but the first is acknowledged late, and no other one.
    for (const acknowledged of [0, 1]) {
      client.reply({ kind: 'heartbeat', acknowledged, covered: ZXID_ZERO });
      client.advance(4000);
    }
    client.reply({ kind: 'heartbeat', acknowledged: 1, covered: ZXID_ZERO });
    client.advance(999);
    expect(client.core.state).toBe('connected');
    client.advance(1);
    expect(client.log).toEqual(['lost']);
  });

  it('H17: is not lost while heartbeats are acknowledged, and found again when one is', () => {
    const client = new ScriptedClient().open(9000);
    for (let number = 1; number <= 20; number++) {
      client.advance(3000);
      client.reply({ kind: 'heartbeat', acknowledged: number, covered: ZXID_ZERO });
    }
    expect(client.log).toEqual([]);
    client.advance(5000);
    client.reply({ kind: 'heartbeat', acknowledged: 20, covered: ZXID_ZERO });
    client.advance(4000);
    expect(client.log).toEqual(['lost']);
    client.reply({ kind: 'heartbeat', acknowledged: 22, covered: ZXID_ZERO });
    expect(client.log).toEqual(['lost', 'connected']);
  });

  it('H13: a process that slept is lost before it sees any result that waited', () => {
    const client = new ScriptedClient().open(9000);
    client.submit(get('/a'));
    client.clock.nowMs += 9000;
    client.reply(results(read(2)));
    expect(client.log).toEqual(['lost', 'getData /a: data']);
  });

  it('gives up a live connection that leaves a heartbeat unanswered for a third of the timeout', () => {
    const client = new ScriptedClient().open(9000);
    client.advance(6000);
    expect(client.hangUps).toEqual([1]);
    expect(client.log).toEqual(['suspended']);
  });

  it('is found again by a resume in time', () => {
    const client = new ScriptedClient().open(9000);
    client.breakLink();
    client.advance(9000);
    expect(client.log).toEqual(['suspended', 'lost']);
    client.breakLink();
    client.redial();
    client.reply(resumed(0));
    expect(client.log).toEqual(['suspended', 'lost', 'connected']);
  });

  it('H20: at expiry settles what is recorded, and the rest as never executed', () => {
    const client = new ScriptedClient().open();
    client.submit(get('/w', true));
    client.reply(results(read(2)));
    client.submit(set('/a'), get('/a'), set('/b'));
    client.breakLink();
    client.redial();
    client.log.length = 0;
    client.reply(ended('expired', [recorded(1, '/a')]));
    expect(client.log).toEqual([
      'setData /a: dataSet',
      'expired',
      'getData /a: sessionExpired',
      'setData /b: sessionExpired',
      'getData /w fires sessionEnded',
    ]);
    client.submit(set('/late'));
    expect(client.log.at(-1)).toBe('setData /late: sessionExpired');
    expect(client.effects.deadlineMs).toBe(Infinity);
  });

  it('H20: learns of a restoration by its name, with what became of its writes', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), set('/b'));
    client.breakLink();
    client.redial();
    client.log.length = 0;
    client.reply(ended('restored', [recorded(1, '/a')]));
    expect(client.log).toEqual(['setData /a: dataSet', 'expired', 'setData /b: sessionExpired']);
    const told = client.deliveries.filter((it) => it.kind === 'stateChanged');
    expect(told.at(-1)).toMatchObject({ state: 'expired', end: 'restored' });
    client.submit(set('/late'));
    const late = client.deliveries.at(-1);
    expect(late).toMatchObject({
      result: { reason: expect.stringContaining('of a backup') as string },
    });
  });

  it('H21: at expiry a write before the last outcome that was kept has run, too', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), set('/b'), set('/c'));
    client.breakLink();
    client.redial();
    client.log.length = 0;
    client.reply(ended('expired', [recorded(2, '/b')]));
    expect(client.log).toEqual([
      'setData /a: connectionLoss',
      'setData /b: dataSet',
      'expired',
      'setData /c: sessionExpired',
    ]);
  });

  it('H20: calls unknown what was sent in a session that nobody remembers', () => {
    const client = new ScriptedClient({ pipelineOperations: 1 }).open();
    client.submit(set('/a'), set('/b'));
    client.breakLink();
    client.redial();
    client.log.length = 0;
    client.reply(ended('forgotten'));
    expect(client.log).toEqual([
      'expired',
      'setData /a: connectionLoss',
      'setData /b: sessionExpired',
    ]);
  });

  it('tells at the end of a session no zxid below what its last outcomes named', () => {
    const client = new ScriptedClient().open();
    client.submit(get('/w', true));
    client.reply(results(read(2)));
    client.submit(set('/a'), set('/b'));
    client.breakLink();
    client.redial();
    client.reply(ended('expired', [recorded(1, '/a'), recorded(2, '/b')]));
    expect(client.deliveries.at(-1)).toMatchObject({
      kind: 'watchFired',
      event: { kind: 'sessionEnded', zxid: zxid(3) },
    });
  });

  it('closes by its own request, in order', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), { kind: 'closeSession' });
    client.submit(set('/late'));
    expect(client.sentOperations()).toEqual(['setData /a', 'closeSession']);
    client.reply(results(wrote(2), { zxid: zxid(3), result: { kind: 'closed' } }));
    expect(client.log).toEqual([
      'setData /a: dataSet',
      'closeSession: closed',
      'setData /late: sessionExpired',
      'closed',
    ]);
  });

  it('H19 b: takes a session that is gone for closed, when that was asked', () => {
    const client = new ScriptedClient().open();
    client.submit({ kind: 'closeSession' });
    client.breakLink();
    client.redial();
    client.reply(ended('expired'));
    expect(client.log).toEqual(['suspended', 'closed', 'closeSession: closed']);
  });

  it('H3: ends when another connection took the session over, not by its own older one', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'));
    client.breakLink();
    client.redial();
    client.reply(ended('fenced'));
    expect(client.core.state).toBe('suspended');
    client.redial();
    client.reply(resumed(0));
    client.submit(get('/a'));
    client.reply(ended('fenced'));
    expect(client.log.slice(-3)).toEqual([
      'closed',
      'setData /a: connectionLoss',
      'getData /a: sessionMoved',
    ]);
  });

  it('ends with the reason when it is refused', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), get('/a'));
    client.reply(ended('refused'));
    expect(client.deliveries.at(-3)).toMatchObject({ state: 'closed', reason: 'it is refused' });
    expect(client.log).toEqual(['closed', 'setData /a: connectionLoss', 'getData /a: systemError']);
  });

  it('can be abandoned, and tells which writes may have taken effect', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'));
    client.breakLink();
    client.submit(set('/b'));
    client.step({ kind: 'abandon', reason: 'enough' });
    const reasons = client.deliveries.flatMap((it) =>
      it.kind === 'settled' && it.result.kind === 'failed' ? [it.result.reason] : [],
    );
    expect(reasons).toEqual([
      'whether this write took effect is unknown: enough',
      'not done: enough',
    ]);
    client.advance(100_000);
    expect(client.dials).toHaveLength(1);
  });
});
