import { requestHash as hashOf, trustedZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import {
  exists,
  get,
  opened,
  ScriptedClient,
  SECRET,
  SESSION,
  set,
  zxid,
} from './scripted-client.ts';
import {
  absent,
  ended,
  read,
  recorded,
  results,
  resumed,
  wrote,
} from './scripted-client-replies.ts';

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
    client.reply(opened());
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
    expect(new Set(client.dials)).toEqual(new Set(['a:1', 'b:1']));
    expect(client.sent().map((it) => it.kind)).toEqual(['open', 'open']);
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

  it('refuses an argument that the wire would carry as another, in its turn and without a sequence', () => {
    const client = new ScriptedClient().open();
    for (const version of [-2, 1.5, Number.NaN, 2 ** 31, 2 ** 40]) {
      client.submit({ kind: 'delete', path: '/a', version });
      expect(client.log.at(-1)).toBe('delete /a: badArguments');
    }
    // A zxid by its type only.
    for (const atLeast of [trustedZxid(-1), trustedZxid(2 ** 53), trustedZxid(0.5)]) {
      client.submit({ kind: 'getData', path: '/a', watch: false, atLeast });
      expect(client.log.at(-1)).toBe('getData /a: badArguments');
    }
    for (const ms of [-1, 0.5, Number.NaN, Infinity, 2 ** 31]) {
      client.submit({
        kind: 'exists',
        path: '/a',
        watch: false,
        atLeast: zxid(0),
        consistency: { kind: 'boundedStaleness', ms },
      });
      expect(client.log.at(-1)).toBe('exists /a: badArguments');
    }
    client.submit({ kind: 'delete', path: '/b', version: 2 ** 31 - 1 });
    expect(client.sent()).toMatchObject([{ kind: 'operations', firstSequence: 1 }]);
  });
  it('refuses an ACL without entries, which the wire would carry as an open one', () => {
    const client = new ScriptedClient();
    client.open();
    const create = {
      kind: 'create',
      data: new Uint8Array(0),
      mode: 'persistent',
      ttlMs: 0,
    } as const;
    for (const acl of [[], [{ permissions: 32, scheme: 'world', id: 'anyone' }]]) {
      client.submit({ ...create, path: '/a', acl });
      expect(client.log.at(-1)).toBe('create /a: invalidAcl');
    }
  });

  it('ends where the service could not read what it sent, instead of sending the same again for ever', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), get('/b'));
    client.sent();
    client.breakLink({ cause: 'refused', reason: 'malformed message: it cannot be decoded' });
    expect(client.log).toEqual(['closed', 'setData /a: connectionLoss', 'getData /b: systemError']);
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
    client.sent();
    client.breakLink();
    expect(client.log.at(-1)).toBe('suspended');
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

  it('H14 c: asks a read again whose answer was lost, though the write behind it has run', () => {
    const client = new ScriptedClient().open();
    client.submit(set('/a'), get('/a'), set('/a'));
    client.breakLink();
    client.redial();
    client.sent();
    client.log.length = 0;
    client.reply(resumed(2, [recorded(1, '/a'), recorded(2, '/a')]));
    expect(client.sent()).toMatchObject([{ firstSequence: 3, operations: [get('/a')] }]);
    client.reply(results(read(60)));
    expect(client.log).toEqual([
      'connected',
      'setData /a: dataSet',
      'getData /a: data',
      'setData /a: dataSet',
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
