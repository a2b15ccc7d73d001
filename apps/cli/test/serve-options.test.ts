import { OperatorError } from '@paddock/node-runtime';
import { describe, expect, it } from 'vitest';
import { parseServeOptions } from '../src/serve-options.ts';

describe('the options of serve', () => {
  it('let a process in the foreground listen beyond loopback without TLS where that is said', () => {
    const foreground = ['--config', 'replica.json', '--stage', 'zab-broadcaster'];
    expect(parseServeOptions(foreground)).toMatchObject({ kind: 'foreground', insecure: false });
    expect(parseServeOptions([...foreground, '--insecure'])).toMatchObject({ insecure: true });
  });

  it('keep an ensemble on this machine to loopback', () => {
    expect(() => parseServeOptions(['--insecure'])).toThrow(OperatorError);
    expect(() => parseServeOptions(['--insecure'])).toThrow('listens on loopback alone');
  });
});
