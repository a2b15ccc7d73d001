import { connect } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPaddock } from '../src/command.ts';
import type { CommandResult } from '../src/command.ts';
import { Ensemble } from '../src/ensemble.ts';

const ADA = ['--auth', 'digest:ada:secret'];
const REFUSED = 1;

describe('the commands of access control', () => {
  let ensemble: Ensemble;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology: 'fused' });
  });

  afterAll(async () => {
    expect(await ensemble.stop()).toBe(0);
  });

  function paddock(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> {
    return runPaddock([...args, '--server', ensemble.address], { env });
  }

  async function lines(...args: string[]): Promise<string[]> {
    const { code, stdout, stderr } = await paddock(args);
    expect(code, stderr).toBe(0);
    return stdout.trimEnd().split('\n');
  }

  it('whoami prints who one is, by address and by what is proved', async () => {
    expect(await lines('whoami')).toEqual(['ip:127.0.0.1']);
    const [address, digest] = await lines('whoami', ...ADA);
    expect([address, digest]).toEqual([
      'ip:127.0.0.1',
      expect.stringMatching(/^digest:ada:.{28}$/),
    ]);
    const { stdout } = await paddock(['whoami', '--json'], { PADDOCK_AUTH: 'digest:bob:secret' });
    expect(JSON.parse(stdout)).toMatchObject({
      identities: [{ scheme: 'ip' }, { scheme: 'digest' }],
    });
    expect(await paddock(['whoami'], { PADDOCK_AUTH: 'secret' })).toMatchObject({ code: 2 });
  });

  it('acl get and acl set read and replace an ACL, and say who may not', async () => {
    expect(
      await lines('create', '/mine', 'x', '--acl', 'world:anyone:r,auth::cdrwa', ...ADA),
    ).toEqual(['/mine']);
    expect(await lines('acl', 'get', '/mine')).toEqual(['world:anyone:r', 'digest:ada:x:cdrwa']);
    const denied = await paddock(['acl', 'set', '/mine', 'world:anyone:cdrwa']);
    expect(denied.code).toBe(REFUSED);
    expect(denied.stderr).toContain('the permission admin on /mine (noAuth)');
    const set = ['acl', 'set', '/mine', 'auth::cdrwa', '--if-version', '0', ...ADA];
    expect(await lines(...set)).toEqual(['version 1']);
    expect(await paddock(set)).toMatchObject({ code: REFUSED });
    expect(await paddock(['get', '/mine'])).toMatchObject({ code: REFUSED });
    expect(await lines('get', '/mine', ...ADA)).toEqual(['x']);
    const { stdout } = await paddock(['acl', 'get', '/mine', '--json', ...ADA]);
    expect(JSON.parse(stdout)).toMatchObject({ path: '/mine', version: 1 });
  });

  it('log is for who may read the znode', async () => {
    await lines('create', '/logged', '', '--acl', 'auth::cdrwa', ...ADA);
    expect(await paddock(['log', '/logged'])).toMatchObject({ code: REFUSED });
    expect((await lines('log', '/logged', ...ADA))[0]).toContain('created');
  });

  it('acl set --recursive sets those of a whole tree, of more children than a page has', async () => {
    const client = await connect({ servers: ensemble.address });
    await client.create('/tree');
    const made = Array.from({ length: 1200 }, (_, i) => client.create(`/tree/${i}`));
    await Promise.all([
      ...made,
      client.create('/tree/7/below'),
      client.create('/tree/7/below/deep'),
    ]);
    const args = ['acl', 'set', '/tree', 'auth::cdrwa', '--recursive', ...ADA];
    expect(await lines(...args)).toEqual(['set of 1203 znodes']);
    for (const path of ['/tree', '/tree/1199', '/tree/7/below/deep']) {
      expect((await client.can(path, 'read')).permitted, path).toBe(false);
    }
    await client.close();
    expect(await paddock([...args.slice(0, 2), '/nothing', ...args.slice(3)])).toMatchObject({
      code: REFUSED,
    });
  });
});
