import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RequestRates } from '../src/request-rates.ts';

it('lets a client make as many requests at once as it may in a second, and then one for each share of it', () => {
  const rates = new RequestRates(10);
  for (let i = 0; i < 10; i++) expect(rates.take('a', 1000)).toBe(0);
  expect(rates.take('a', 1000)).toBe(100);
  expect(rates.take('a', 1050)).toBe(50);
  expect(rates.take('a', 1100)).toBe(0);
  expect(rates.take('a', 1100)).toBe(100);
  expect(rates.take('b', 1100)).toBe(0);
});

it('counts nothing where there is no rate', () => {
  const rates = new RequestRates(0);
  for (let i = 0; i < 1000; i++) expect(rates.take('a', 0)).toBe(0);
  expect(rates.size).toBe(0);
});

it('forgets who has asked nothing for a second', () => {
  const rates = new RequestRates(4);
  rates.take('a', 0);
  rates.take('b', 100);
  rates.prune(249);
  expect(rates.size).toBe(2);
  rates.prune(250);
  expect(rates.size).toBe(1);
  rates.prune(350);
  expect(rates.size).toBe(0);
});

it.each([
  [3, [0, 123, 0, 0, 0, 0]],
  [3, [0, 0, 162, 0, 0, 0]],
])(
  'at %i a second lets through who waits as long as told, though fractions do not add up',
  (perSecond, gaps) => {
    const rates = new RequestRates(perSecond);
    let nowMs = 0;
    for (const gap of gaps) {
      nowMs += gap;
      const waitMs = rates.take('a', nowMs);
      nowMs += waitMs;
      if (waitMs > 0) expect(rates.take('a', nowMs)).toBe(0);
    }
  },
);

it('lets through no more than the rate allows in any time, and who waits as long as told gets on', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), gaps, (perSecond, waits) => {
      const rates = new RequestRates(perSecond);
      const taken: number[] = [];
      let nowMs = 0;
      for (const gap of waits) {
        nowMs += gap;
        const waitMs = rates.take('a', nowMs);
        if (waitMs === 0) taken.push(nowMs);
        else {
          nowMs += waitMs;
          expect(rates.take('a', nowMs)).toBe(0);
          taken.push(nowMs);
        }
        rates.prune(nowMs);
      }
      taken.forEach((from, first) => {
        const last = taken.findLastIndex((it) => it < from + 1000);
        expect(last - first + 1).toBeLessThanOrEqual(2 * perSecond);
      });
    }),
  );
});
