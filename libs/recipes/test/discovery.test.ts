import { encodeText } from '@paddock/client';
import type { StandardSchema } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { decodeInstance, encodeInstance } from '../src/discovery/service-instance.ts';
import { strategyOf } from '../src/discovery/strategy.ts';
import type { Choice, StrategyName } from '../src/discovery/strategy.ts';

const ANYTHING: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};

/** As Curator 5 writes it, with a payload of a class. */
const OF_CURATOR =
  '{"name":"billing","id":"7d0e","address":"10.0.0.7","port":8080,"sslPort":null,' +
  '"payload":{"@class":"org.example.Details","zone":"b"},"registrationTimeUTC":1700000000000,' +
  '"serviceType":"DYNAMIC","uriSpec":{"parts":[{"value":"scheme","variable":true}]},"enabled":true}';

describe('an instance of a service', () => {
  it('is read as Curator writes it', async () => {
    const parsed = await decodeInstance(ANYTHING, encodeText(OF_CURATOR));
    expect(parsed).toEqual({
      ok: true,
      value: {
        ...{ name: 'billing', id: '7d0e', address: '10.0.0.7', port: 8080, sslPort: null },
        ...{ payload: { zone: 'b' }, registrationTimeUTC: 1_700_000_000_000 },
        ...{ serviceType: 'DYNAMIC', enabled: true },
      },
    });
  });

  it('is written with the fields that Curator reads, and the class of its payload', async () => {
    const parsed = await decodeInstance(ANYTHING, encodeText(OF_CURATOR));
    if (!parsed.ok) throw new Error(parsed.reason);
    const written = JSON.parse(encodeInstance(parsed.value, 'org.example.Details')) as unknown;
    expect(written).toEqual({ ...(JSON.parse(OF_CURATOR) as object), uriSpec: null });
  });

  it('is none where it is no JSON, or has no name, or the schema refuses its payload', async () => {
    const refusing: StandardSchema<unknown, never> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => ({ issues: [{ message: 'no' }] }),
      },
    };
    for (const text of ['', '[]', '{"id":"1"}', '{"name":1,"id":"1"}']) {
      expect(await decodeInstance(ANYTHING, encodeText(text))).toMatchObject({ ok: false });
    }
    expect(await decodeInstance(refusing, encodeText(OF_CURATOR))).toEqual({
      ok: false,
      reason: 'payload: no',
    });
  });
});

describe('a strategy', () => {
  const idle = (...ids: string[]): Choice[] => ids.map((id) => ({ id, outstanding: 0 }));
  const picks = (name: StrategyName, ...rounds: Choice[][]): (string | undefined)[] => {
    const strategy = strategyOf(name, () => 0.5);
    return rounds.map((choices) => strategy(choices)?.id);
  };

  it('goes round, whoever comes or goes meanwhile', () => {
    const three = idle('c', 'a', 'b');
    expect(picks('roundRobin', three, three, three, three)).toEqual(['a', 'b', 'c', 'a']);
    expect(picks('roundRobin', three, idle('c', 'b'), idle('b', 'a'))).toEqual(['a', 'b', 'a']);
  });

  it('sticks to one for as long as that is there', () => {
    const [some, less] = [idle('a', 'b', 'c'), idle('a', 'c')];
    expect(picks('sticky', some, [...some, ...idle('d')], less, some)).toEqual([
      'b',
      'b',
      'c',
      'c',
    ]);
  });

  it('takes the one that has least to answer', () => {
    const busy = [
      { id: 'a', outstanding: 2 },
      { id: 'b', outstanding: 1 },
      { id: 'c', outstanding: 3 },
    ];
    expect(picks('leastOutstanding', busy)).toEqual(['b']);
  });

  it('has none to take where there is none', () => {
    for (const name of ['roundRobin', 'random', 'sticky', 'leastOutstanding'] as const) {
      expect(picks(name, [])).toEqual([undefined]);
    }
  });
});
