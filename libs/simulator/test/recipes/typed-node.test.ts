import { decodeText, InvalidValueError } from '@paddock/client';
import type { NodeState, StandardSchema } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { QuietEnsemble } from './quiet-ensemble.ts';

interface Limits {
  readonly max: number;
}

const LIMITS: StandardSchema<Limits> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      if (typeof value !== 'object' || value === null || !('max' in value)) {
        return { issues: [{ message: 'no limits' }] };
      }
      const { max } = value;
      if (typeof max === 'number' && max >= 0) return { value: { max } };
      return { issues: [{ message: 'no number from 0 on', path: ['max'] }] };
    },
  },
};

describe('an update', () => {
  it('is made once of what is there, however many make one at the same time', async () => {
    const ensemble = await QuietEnsemble.start(3);
    const applications = ensemble.applications(5);
    const counted = applications.map(async ({ client }) => {
      for (let i = 0; i < 20; i++) {
        await client.update('/counter', (current) =>
          String(Number(current === null ? 0 : decodeText(current.data)) + 1),
        );
      }
    });
    await ensemble.until(Promise.all(counted));
    const { client } = ensemble.application();
    await ensemble.until(client.sync());
    const { data } = await ensemble.until(client.get('/counter'));
    expect(decodeText(data)).toBe('100');
    expect(await ensemble.until(client.update('/counter', () => undefined))).toBeNull();
    const failing = client.update('/counter', () => Promise.reject(new TypeError('no')));
    await expect(ensemble.until(failing)).rejects.toThrow('no');
    const orphan = client.update('/no/parent', () => 'x');
    await expect(ensemble.until(orphan)).rejects.toMatchObject({ code: 'noNode' });
  });
});

describe('a typed node', () => {
  it('reads and writes nothing but values of its schema', async () => {
    const ensemble = await QuietEnsemble.start();
    const { client } = ensemble.application();
    const node = client.chroot('/app').node('/limits', LIMITS);
    await ensemble.until(client.create('/app'));
    await ensemble.until(node.create({ max: 1 }));
    expect(await ensemble.until(node.get())).toMatchObject({ value: { max: 1 } });
    await ensemble.until(node.update((value) => ({ max: (value?.max ?? 0) + 1 })));
    expect(decodeText((await ensemble.until(client.get('/app/limits'))).data)).toBe('{"max":2}');
    const wrong: unknown = await ensemble
      .until(node.set({ max: -1 }))
      .catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(InvalidValueError);
    expect(wrong).toMatchObject({
      code: 'invalidValue',
      path: '/limits',
      issues: [{ path: ['max'], message: 'no number from 0 on' }],
      message: '/limits has another value than its schema: max: no number from 0 on',
      mayHaveTakenEffect: false,
    });
    await ensemble.until(client.set('/app/limits', 'no JSON'));
    await expect(ensemble.until(node.get())).rejects.toMatchObject({ code: 'invalidValue' });
  });

  it('is watched from what it is on, and nothing between the reading and the watching is lost', async () => {
    const ensemble = await QuietEnsemble.start();
    const [reader, writer] = [ensemble.application(), ensemble.application()];
    const states: NodeState<Limits>[] = [];
    const watching = (async () => {
      for await (const state of reader.client.node('/limits', LIMITS).watch()) {
        states.push(state);
        if (state.kind === 'value' && state.value.max === 3) return;
      }
    })();
    const { client } = writer;
    const node = client.node('/limits', LIMITS);
    // In the midst of its first requests, whose order no watch may depend on.
    await ensemble.pass(1);
    await ensemble.until(node.create({ max: 1 }));
    await ensemble.pass(100);
    await ensemble.until(client.set('/limits', '{}'));
    await ensemble.pass(100);
    await ensemble.until(client.delete('/limits'));
    await ensemble.pass(100);
    await ensemble.until(node.create({ max: 2 }));
    reader.cut();
    await ensemble.until(node.set({ max: 3 }));
    await ensemble.until(watching);
    const told = states.map((it) => (it.kind === 'value' ? it.value.max : it.kind));
    const last = told.slice(told.indexOf(1));
    expect(last).toEqual([1, 'invalid', 'absent', ...(last.includes(2) ? [2] : []), 3]);
    expect((await ensemble.until(reader.client.watches())).watches).toEqual([]);
  });
});
