import { describe, expect, it } from 'vitest';
import { exists, get, ScriptedClient, SECRET, SESSION, set, zxid } from './scripted-client.ts';
import {
  absent,
  ended,
  read,
  recorded,
  results,
  resumed,
  wrote,
} from './scripted-client-replies.ts';
import { requestHash as hashOf, trustedPath } from '@paddock/model';

describe('opening', () => {
  it('dials a server at the first tick and asks for a session', () => {
    const client = new ScriptedClient({ sessionTimeoutMs: 7000 });
    expect(client.dials).toEqual(['a:1']);
    expect(client.sent()).toEqual([{ kind: 'open', timeoutMs: 7000 }]);
    client.open();
    expect(client.core.state).toBe('connected');
    expect(client.core.session).toBe(SESSION);
    expect(client.core.timeoutMs).toBe(9000);
  });

  it('keeps requests until the session is open, then sends them in one message', () => {
    const client = new ScriptedClient();
    client.sent();
    client.submit(set('/a'));
    client.submit(get('/a'), set('/b'));
    expect(client.sent()).toEqual([]);
    client.reply({
      kind: 'opened',
      session: SESSION,
      secret: SECRET,
      timeoutMs: 9000,
      zxid: zxid(1),
    });
    expect(client.sent()).toEqual([
      {
        kind: 'operations',
        firstSequence: 1,
        ackedThrough: 0,
        operations: [set('/a'), get('/a'), set('/b')],
      },
    ]);
  });

  it('opens anew where the connection broke before the session was granted', () => {
    const client = new ScriptedClient({ servers: ['a:1', 'b:1'] });
    client.submit(set('/a'));
    client.breakLink();
    expect(client.core.state).toBe('connecting');
    expect(client.core.lastFailure).toContain('connection reset');
    client.redial();
    expect(new Set(client.dials)).toEqual(new Set(['a:1', 'b:1']));
    expect(client.sent().map((it) => it.kind)).toEqual(['open', 'open']);
  });

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

  it('gives up a server that is silent, and one that answers what was not asked', () => {
    const client = new ScriptedClient();
    client.advance(3400);
    expect(client.hangUps).toEqual([1]);
    expect(client.link).toBe(2);
    client.reply(results(wrote(2)));
    expect(client.hangUps).toEqual([1, 2]);
  });
});

describe('requests', () => {
  it('settles results in order and acknowledges them with the next message', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), get('/a'), set('/b'));
    client.reply(results(wrote(2), read(2)));
    expect(client.log).toEqual(['setData /a: dataSet', 'getData /a: data']);
    client.sent();
    client.submit(set('/c'));
    expect(client.sent()).toMatchObject([{ firstSequence: 3, ackedThrough: 1 }]);
  });

  it('holds back what is more than the pipeline takes', () => {
    const client = new ScriptedClient({ pipelineOperations: 2 }).open();
    client.submit(set('/a'), set('/b'), set('/c'));
    expect(client.sentOperations()).toEqual(['setData /a', 'setData /b']);
    client.reply(results(wrote(2)));
    expect(client.sentOperations()).toEqual(['setData /c']);
  });

  it('cuts messages by number and by bytes', () => {
    const client = new ScriptedClient({ batchOperations: 2 }).open();
    client.submit(set('/a'), set('/b'), set('/c'));
    expect(client.sent()).toMatchObject([{ firstSequence: 1 }, { firstSequence: 3 }]);
    const other = new ScriptedClient({ batchBytes: 50 }).open();
    other.submit(set('/a'), set('/b'));
    expect(other.sent()).toHaveLength(2);
  });

  it('refuses a request that is too large, in its turn and without a sequence', () => {
    const client = new ScriptedClient({ requestBytes: 100 }).open();
    client.submit(set('/a'), set(`/${'x'.repeat(100)}`), set('/b'));
    client.reply(results(wrote(2)));
    expect(client.log.at(-1)).toContain('tooLarge');
    client.reply(results(wrote(3)));
    expect(client.log.at(-1)).toBe('setData /b: dataSet');
    client.breakLink();
    client.redial();
    expect(client.sent().at(-1)).toMatchObject({ kind: 'resume', ackedThrough: 2 });
  });

  it('H2: sends again from the expected write on, reads behind it too, after the delay', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), get('/a'), set('/b'), get('/b'));
    client.sent();
    client.reply({ kind: 'expect', sequence: 2, retryAfterMs: 100 });
    client.submit(set('/c'));
    client.reply(results(wrote(2), read(2)));
    expect(client.sent()).toEqual([]);
    client.advance(99);
    expect(client.sent()).toEqual([]);
    client.advance(1);
    expect(client.sent()).toMatchObject([
      { firstSequence: 2, operations: [set('/b'), get('/b'), set('/c')] },
    ]);
    client.reply(results(wrote(3), read(3), wrote(4)));
    expect(client.log.slice(-3)).toEqual([
      'setData /b: dataSet',
      'getData /b: data',
      'setData /c: dataSet',
    ]);
  });

  it('H21: lets go of outcomes with a heartbeat when it has nothing to ask', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'));
    client.reply(results(wrote(2)));
    client.sent();
    client.advance(3000);
    expect(client.sent()).toEqual([
      { kind: 'operations', firstSequence: 2, ackedThrough: 1, operations: [] },
      { kind: 'heartbeat', number: 1 },
    ]);
  });
});

describe('a broken connection', () => {
  it('is resumed at the next server with a higher attempt, the floor and the watches', () => {
    const client = new ScriptedClient({ servers: ['a:1', 'b:1'] }).open();
    client.submit(get('/a', true), exists('/b', true), get('/gone', true));
    client.reply(results(read(7), absent(8), absent(9)));
    client.breakLink();
    expect(client.log.at(-1)).toBe('suspended');
    client.sent();
    client.redial();
    expect(client.dials[0]).not.toBe(client.dials[1]);
    expect(client.sent()).toEqual([
      {
        kind: 'resume',
        session: SESSION,
        secret: SECRET,
        attempt: 2,
        ackedThrough: 0,
        floor: zxid(9),
        watches: [
          { kind: 'data', path: '/a', from: zxid(7) },
          { kind: 'exists', path: '/b', from: zxid(8) },
        ],
      },
    ]);
    client.breakLink();
    client.redial();
    expect(client.sent()).toMatchObject([{ kind: 'resume', attempt: 3 }]);
  });

  it('P5: settles what was recorded, sends the rest again, in the order of the calls', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), get('/a'), set('/b'), set('/c'), get('/c'));
    client.reply(results(wrote(2)));
    client.breakLink();
    client.redial();
    client.sent();
    client.log.length = 0;
    client.reply(resumed(2, [recorded(2, '/b')]));
    expect(client.sent()).toMatchObject([
      { firstSequence: 3, ackedThrough: 2, operations: [get('/a'), set('/c'), get('/c')] },
    ]);
    client.reply(results(read(60), wrote(61), read(61)));
    expect(client.log).toEqual([
      'connected',
      'getData /a: data',
      'setData /b: dataSet',
      'setData /c: dataSet',
      'getData /c: data',
    ]);
  });

  it('takes recorded outcomes that come in several messages', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), set('/b'), set('/c'));
    client.breakLink();
    client.redial();
    client.sent();
    client.reply({ ...resumed(2, [recorded(1, '/a')]), more: true } as never);
    expect(client.core.state).toBe('suspended');
    client.reply(resumed(2, [recorded(2, '/b')]));
    expect(client.log).toEqual([
      'suspended',
      'setData /a: dataSet',
      'connected',
      'setData /b: dataSet',
    ]);
    expect(client.sentOperations()).toEqual(['setData /c']);
  });

  it('takes an outcome once, however often it is told', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), set('/b'));
    client.reply(results(wrote(2)));
    client.breakLink();
    client.redial();
    client.reply(resumed(2, [recorded(1, '/a'), recorded(2, '/b'), recorded(2, '/b')]));
    expect(client.log.filter((line) => line.startsWith('setData'))).toEqual([
      'setData /a: dataSet',
      'setData /b: dataSet',
    ]);
  });

  it('says so when a write was executed and its outcome is no longer kept', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'));
    client.breakLink();
    client.redial();
    client.reply(resumed(1));
    expect(client.log.at(-1)).toBe('setData /a: connectionLoss');
  });

  it('ignores what still comes from an older link', () => {
    const client = new ScriptedClient().open();
    client.submit(get('/a'));
    client.breakLink();
    client.redial();
    client.step({ kind: 'received', link: 1, replies: [results(read(2))] });
    client.step({ kind: 'ended', link: 1, end: { cause: 'lost', reason: '' } });
    expect(client.log).toEqual(['suspended']);
    expect(client.core.state).toBe('suspended');
  });

  it('H21 d: stops when a recorded outcome is that of another write', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), set('/b'));
    client.breakLink();
    client.redial();
    client.reply(resumed(1, [recorded(1, '/other')]));
    expect(client.log).toEqual([
      'suspended',
      'closed',
      'setData /a: sequenceMismatch',
      'setData /b: sequenceMismatch',
    ]);
    expect(client.hangUps).toEqual([2]);
  });

  it('H21 d: stops when the service counts more writes than were made, or fewer than acknowledged', () => {
    const more = new ScriptedClient().open();
    more.breakLink();
    more.redial();
    more.reply(resumed(1));
    expect(more.core.state).toBe('closed');
    const fewer = new ScriptedClient().open();
    fewer.submit(set('/a'));
    fewer.reply(results(wrote(2)));
    fewer.breakLink();
    fewer.redial();
    fewer.reply(resumed(0));
    expect(fewer.core.state).toBe('closed');
  });

  it('takes the recorded refusal of a write that the front-end found bad', () => {
    const client = new ScriptedClient().open();
    client.submit(set('no slash'));
    client.breakLink();
    client.redial();
    const { requestHash } = refusedOutcome;
    client.reply(resumed(1, [{ ...refusedOutcome, requestHash }]));
    expect(client.log.at(-1)).toBe('setData no slash: badArguments');
  });

  it('goes on elsewhere when the front-end says so', () => {
    const client = new ScriptedClient().open();
    client.reply(ended('resumeElsewhere'));
    expect(client.log).toEqual(['suspended']);
    client.redial();
    expect(client.sent()).toMatchObject([{ kind: 'resume' }]);
  });

  it('ends a listing whose answer no connection carries, and asks the rest again', () => {
    const client = new ScriptedClient().open();
    const list = { kind: 'getChildren', path: '/big', watch: false, atLeast: zxid(0) } as const;
    client.submit(list, get('/a'));
    client.sent();
    client.breakLink({ cause: 'tooLarge', reason: 'message of 5 MB' });
    expect(client.log).toContain('getChildren /big: tooLarge');
    client.redial();
    client.reply(resumed(0));
    expect(client.sentOperations()).toEqual(['getData /a']);
  });
});

const refusedOutcome = {
  sequence: 1,
  zxid: zxid(2),
  // requestHash of {kind: 'refused', code: 'badArguments'}, computed as the service does.
  requestHash: refusedHash(),
  result: { kind: 'failed', code: 'badArguments', reason: 'no slash' },
} as const;

function refusedHash(): number {
  return hashOf({ kind: 'refused', code: 'badArguments', reason: 'no slash' });
}

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
    // Heartbeats go at 3, 6 and 9 s; the answers come, but name only the first.
    for (let i = 0; i < 2; i++) {
      client.reply({ kind: 'heartbeat', acknowledged: 1 });
      client.advance(4000);
    }
    client.reply({ kind: 'heartbeat', acknowledged: 1 });
    client.advance(999);
    expect(client.core.state).toBe('connected');
    client.advance(1);
    expect(client.log).toEqual(['lost']);
  });

  it('H17: is not lost while heartbeats are acknowledged, and found again when one is', () => {
    const client = new ScriptedClient().open(9000);
    for (let number = 1; number <= 20; number++) {
      client.advance(3000);
      client.reply({ kind: 'heartbeat', acknowledged: number });
    }
    expect(client.log).toEqual([]);
    client.advance(5000);
    client.reply({ kind: 'heartbeat', acknowledged: 20 });
    client.advance(4000);
    expect(client.log).toEqual(['lost']);
    client.reply({ kind: 'heartbeat', acknowledged: 22 });
    expect(client.log).toEqual(['lost', 'connected']);
  });

  it('H13: a process that slept is lost before it sees any result that waited', () => {
    const client = new ScriptedClient().open(9000);
    client.submit(get('/a'));
    client.clock.nowMs += 9000;
    client.reply({ kind: 'heartbeat', acknowledged: 0 }, results(read(2)));
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

  it('H19: takes a session that is gone for closed, when that was asked', () => {
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
