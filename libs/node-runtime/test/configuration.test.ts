import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../src/configuration.ts';
import { OperatorError } from '../src/operator-error.ts';

const parse = (input: unknown) => parseConfiguration(input, 'replica.json', '/base');

describe('the configuration of a replica', () => {
  it('fills every default in from an empty file', () => {
    const configuration = parse({});
    expect(configuration.addresses.client).toBe('127.0.0.1:2191');
    expect(configuration.dataDirectory).toBe('/base/.paddock/replica-1');
    expect(configuration.timing.sessionTimeoutMs).toBe(10_000);
  });

  it('gives replica k ports that are k − 1 higher', () => {
    expect(parse({ replica: 3 }).addresses.zabBroadcaster).toBe('127.0.0.1:2393');
  });

  it.each([
    [{ timing: { tickMs: 'fast' } }, '"timing.tickMs"'],
    [{ limits: { windowCount: 0 } }, '"limits.windowCount"'],
    [{ addresses: { client: 'nowhere' } }, '"addresses.client"'],
    [{ adresses: {} }, 'adresses'],
    [{ limits: { windowCount: 10 } }, 'limits.outstandingPerSession'],
    [{ timing: { sessionTimeoutMinMs: 600 } }, 'two ticks'],
    [{ addresses: { client: '0.0.0.0:2191' } }, '"insecure": true'],
    [[], 'replica.json'],
  ])('refuses %j and names what is wrong', (input, named) => {
    expect(() => parse(input)).toThrow(OperatorError);
    expect(() => parse(input)).toThrow(named);
  });

  it('listens beyond loopback where that was asked for', () => {
    expect(parse({ insecure: true, addresses: { client: '0.0.0.0:2191' } }).addresses.client).toBe(
      '0.0.0.0:2191',
    );
  });
});
