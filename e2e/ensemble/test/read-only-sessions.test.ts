import { decodeText, PaddockError } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';

async function codeOf(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof PaddockError ? error.code : String(error);
}

describe.each(['fused', 'split'])('sessions that accept read-only, %s', (topology) => {
  const shared = EnsembleUnderTest.shared({ voters: 3, split: topology === 'split' });

  it('are served reads by a replica that is cut off, and go on when it is back', async () => {
    const ensemble = shared();
    const [cut] = await ensemble.followers();
    if (cut === undefined) throw new Error('no follower');
    const well = await ensemble.connect(ensemble.others(cut));
    const { zxid } = await well.create('/read-only', 'before');
    const options = { readOnly: true, sessionTimeoutMs: 40_000 };
    const kept = await ensemble.connect([cut], options);
    const { session } = kept;
    await kept.create('/kept', '', { mode: 'ephemeral' });
    expect(await kept.get('/read-only', { atLeast: zxid })).not.toHaveProperty('readOnly');
    for (const { number } of ensemble.others(cut)) ensemble.network.cut(cut.number, number);
    await eventually('its client is told', () => {
      if (kept.state !== 'readOnly') throw new Error(kept.state);
    });
    const behind = await well.set('/read-only', 'behind its back');
    const late = await ensemble.connect([cut], options);
    expect([late.state, late.session]).toEqual(['readOnly', null]);
    for (const client of [kept, late]) {
      const read = await client.get('/read-only', { atLeast: zxid });
      expect([decodeText(read.data), read.readOnly]).toEqual(['before', true]);
      expect(await codeOf(client.set('/read-only', 'not by me'))).toBe('notReadOnly');
      expect(await codeOf(client.sync())).toBe('notReadOnly');
    }
    const command = ['--server', cut.address, '--read-only'];
    const got = await runPaddock([...command, 'get', '/read-only']);
    expect([got.code, got.stdout.trim()]).toEqual([0, 'before']);
    expect(got.stderr).toContain('read-only');
    const refused = await runPaddock([...command, 'set', '/read-only', 'not by me']);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('notReadOnly');
    ensemble.network.heal();
    await ensemble.untilServing();
    for (const client of [kept, late]) {
      await eventually('it has a session', () => {
        if (client.state !== 'connected') throw new Error(client.state);
      });
      const read = await client.get('/read-only', { atLeast: behind.zxid });
      expect(decodeText(read.data)).toBe('behind its back');
      expect(read).not.toHaveProperty('readOnly');
      await client.set('/read-only', 'behind its back');
    }
    expect(kept.session).toBe(session);
    expect((await kept.exists('/kept')).stat?.ephemeralOwner).toBe(session);
    expect(late.session).not.toBeNull();
  }, 300_000);

  it('move to another replica with the same session where there is a leader', async () => {
    const ensemble = shared();
    const [cut] = await ensemble.followers();
    if (cut === undefined) throw new Error('no follower');
    const options = { readOnly: true, sessionTimeoutMs: 40_000 };
    const client = await ensemble.connect(ensemble.replicas, options);
    const { session } = client;
    await client.create('/moved', '', { mode: 'ephemeral' });
    for (const { number } of ensemble.others(cut)) ensemble.network.cut(cut.number, number);
    await eventually('the replica stops serving', async () => {
      if ((await ensemble.statusOf(cut)).database.serving) throw new Error('it serves');
    });
    await eventually('a write is taken', async () => {
      await client.set('/moved', 'x');
    });
    expect([client.state, client.session]).toEqual(['connected', session]);
    ensemble.network.heal();
    await ensemble.untilServing();
  }, 300_000);
});
