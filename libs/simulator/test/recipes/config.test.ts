import { step } from '@paddock/client';
import type { StandardSchema } from '@paddock/client';
import { config } from '@paddock/recipes';
import type { RejectedConfig } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/configuration';

const PORT: StandardSchema<unknown, { port: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'object' &&
      value !== null &&
      'port' in value &&
      typeof value.port === 'number'
        ? { value: { port: value.port } }
        : { issues: [{ message: 'must be a number', path: ['port'] }] },
  },
};

describe('a configuration', () => {
  it('is followed by everybody, as what the schema makes of it', async () => {
    const ensemble = await QuietEnsemble.start();
    const [writer, reader] = ensemble.applications(2);
    if (writer === undefined || reader === undefined) throw new Error('there is nobody');
    const cell = config(reader.client, PATH, PORT);
    await ensemble.pass(500);
    expect(() => cell.current).toThrow('there is no such znode');
    const written = config(writer.client, PATH, PORT);
    await ensemble.until(written.set({ port: 1 }));
    await ensemble.until(cell.ready);
    expect(cell.current).toEqual({ port: 1 });
    const updates = cell.updates();
    const next = async (): Promise<number | undefined> =>
      (await ensemble.until(updates.next())).value?.port;
    expect(await next()).toBe(1);
    await ensemble.until(written.set({ port: 2 }));
    expect(await next()).toBe(2);
    for (const port of [3, 4, 5]) await ensemble.until(written.set({ port }));
    await ensemble.until(cell.synced());
    expect(await next()).toBe(5);
    cell.close();
    expect(await next()).toBe(undefined);
    expect(cell.current).toEqual({ port: 5 });
  });

  it('keeps its last good value, and reports what cannot be used', async () => {
    const ensemble = await QuietEnsemble.start();
    const { client } = ensemble.application();
    const rejected: RejectedConfig[] = [];
    const cell = config(client, PATH, PORT, { rejected: (it) => rejected.push(it) });
    const { zxid } = await ensemble.until(cell.set({ port: 1 }));
    await ensemble.until(cell.ready);
    rejected.length = 0;
    for (const text of ['{"port":"one"}', 'port: 1', '{}']) {
      await ensemble.until(client.set(PATH, text));
      await ensemble.until(cell.synced());
    }
    await ensemble.until(client.delete(PATH));
    await ensemble.until(cell.synced());
    expect([cell.current, cell.zxid]).toEqual([{ port: 1 }, zxid]);
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'port: must be a number',
      expect.stringContaining('JSON'),
      'port: must be a number',
      'there is no such znode',
    ]);
    expect(cell.rejected).toEqual(rejected.at(-1));
    await ensemble.until(cell.set({ port: 2 }));
    await ensemble.until(cell.synced());
    expect([cell.current, cell.rejected]).toEqual([{ port: 2 }, null]);
  });

  it('is not written where the schema refuses it', async () => {
    const ensemble = await QuietEnsemble.start();
    const { client } = ensemble.application();
    const cell = config(client, PATH, PORT, { initial: { port: 7 } });
    await ensemble.until(cell.ready);
    const attempt = cell.set({ port: 'eight' } as never);
    await expect(ensemble.until(attempt)).rejects.toMatchObject({ code: 'badArguments' });
    expect((await ensemble.until(client.exists(PATH))).stat).toBe(null);
    expect(cell.current).toEqual({ port: 7 });
  });

  it('does not go back where its schema takes longer for an older value', async () => {
    const ensemble = await QuietEnsemble.start();
    const application = ensemble.application();
    const slow: StandardSchema<unknown, { port: number }> = {
      '~standard': {
        ...PORT['~standard'],
        validate: async (value) => {
          const result = await PORT['~standard'].validate(value);
          if (result.issues === undefined) await application.sleep(60_000 / result.value.port);
          return result;
        },
      },
    };
    const cell = config(application.client, PATH, slow);
    const updates = cell.updates();
    for (const port of [1, 2, 1000]) {
      await ensemble.until(
        application.client.transaction({
          then: [step.set(PATH, `{"port":${port}}`, { upsert: true })],
        }),
      );
      await ensemble.pass(100);
    }
    await ensemble.pass(100_000);
    expect(cell.current).toEqual({ port: 1000 });
    expect((await ensemble.until(updates.next())).value).toEqual({ port: 1000 });
  });
});
