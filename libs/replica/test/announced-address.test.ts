import { parseConfiguration } from '@paddock/node-runtime';
import { describe, expect, it } from 'vitest';
import { assertReachable } from '../src/announced-address.ts';

function configuration(host: string, requestProcessor: string) {
  const ensemble = [1, 2, 3].map((replica) => ({ replica, address: `${host}${replica}:2391` }));
  const addresses = { requestProcessor };
  return parseConfiguration({ insecure: true, ensemble, addresses }, 'the test');
}

describe('a stage that other replicas dial', () => {
  it.each([
    ['127.0.0.', '127.0.0.1:2291'],
    ['10.0.0.', '10.0.0.1:2291'],
    ['10.0.0.', 'first.example:2291'],
  ])('of an ensemble at %s* may listen at %s', (host, address) => {
    expect(() => assertReachable(configuration(host, address), 'requestProcessor')).not.toThrow();
  });

  it.each([
    ['127.0.0.1:2291', 'is loopback, where replica 1 at 10.0.0.1:2391 and the other replicas'],
    ['0.0.0.0:2291', 'cannot dial 0.0.0.0: name the host'],
  ])('of an ensemble of machines may not listen at %s', (address, reason) => {
    const refused = () => assertReachable(configuration('10.0.0.', address), 'requestProcessor');
    expect(refused).toThrow('"addresses.requestProcessor"');
    expect(refused).toThrow(reason);
  });

  it('of an ensemble of one may be where it likes', () => {
    const alone = parseConfiguration({}, 'the test');
    expect(() => assertReachable(alone, 'replicatedDatabase')).not.toThrow();
  });
});
