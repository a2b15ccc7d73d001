import { expect, it } from 'vitest';
import { FrontendUnderTest } from './frontend-under-test.ts';

it('the secret of a session has 128 bits that are drawn for it, and nothing but its hash leaves the front-end', () => {
  const front = new FrontendUnderTest().start();
  const told: { id: number; secret: string }[] = [];
  for (let i = 0; i < 100; i++) {
    const link = front.connectClient();
    front.client(link, { kind: 'open', timeoutMs: 9000 });
    const [request] = front.takeProcessor().filter((it) => it.kind === 'openSession');
    if (request === undefined) throw new Error('no open was requested');
    expect(Object.keys(request).sort()).toEqual([
      ...['attachment', 'kind', 'secretHash', 'session', 'timeoutMs'],
    ]);
    const { session, attachment, secretHash } = request;
    front.database({
      ...{ kind: 'sessionOpened', session, attachment, zxid: front.core.status().applied },
      timeoutMs: 9000,
    });
    const [opened] = front.takeClient(link);
    if (opened?.kind !== 'opened') throw new Error('not opened');
    expect(opened.secret.length).toBe(16);
    expect(secretHash).not.toEqual(opened.secret);
    told.push({ id: session, secret: Buffer.from(opened.secret).toString('hex') });
  }
  expect(new Set(told.map((it) => it.id)).size).toBe(100);
  expect(new Set(told.map((it) => it.secret)).size).toBe(100);
});
