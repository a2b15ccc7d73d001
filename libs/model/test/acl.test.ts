import { describe, expect, it } from 'vitest';
import {
  aclBelow,
  aclOfWriter,
  faultOfAcl,
  permits,
  permitsAll,
  withoutHashes,
} from '../src/acl-check.ts';
import { internedAcl, OPEN_ACL, SUPER } from '../src/acl.ts';
import type { Acl, AclEntry, Identity } from '../src/acl.ts';

const ada: Identity = { scheme: 'digest', id: 'ada:hash' };
const bob: Identity = { scheme: 'digest', id: 'bob:hash' };
const none: ReadonlySet<string> = new Set();

function entry(permissions: number, scheme: string, id: string): Acl {
  return [{ permissions, scheme, id }];
}

describe('an ACL', () => {
  it('1.8: that is open permits everything to everybody, and is one object', () => {
    expect(permits(OPEN_ACL, 'admin', undefined)).toBe(true);
    expect(internedAcl(entry(31, 'world', 'anyone'))).toBe(OPEN_ACL);
    expect(internedAcl(entry(30, 'world', 'anyone'))).not.toBe(OPEN_ACL);
  });

  it('1.8: permits what one of its entries does, and nothing forbids it', () => {
    const acl = [...entry(1, 'world', 'anyone'), ...entry(2, 'digest', 'ada:hash')];
    expect(permits(acl, 'read', undefined)).toBe(true);
    expect(permits(acl, 'write', [bob])).toBe(false);
    expect(permits(acl, 'write', [bob, ada])).toBe(true);
    expect(permitsAll(acl, 3, [ada])).toBe(true);
    expect(permitsAll(acl, 7, [ada])).toBe(false);
    expect(permitsAll(acl, 3, undefined)).toBe(false);
  });

  it('1.8: permits everything to who is super', () => {
    expect(permits(entry(0, 'digest', 'ada:hash'), 'admin', [SUPER])).toBe(true);
  });

  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.4', '10.1.2.3/31', false],
    ['10.1.2.2', '10.1.2.3/31', true],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['10.1.2.3', '::/0', false],
    ['1.2.3.4', '0.0.0.0/0', true],
  ])('1.8: of the scheme ip has %s within %s: %s', (id, range, is) => {
    expect(permits(entry(1, 'ip', range), 'read', [{ scheme: 'ip', id }])).toBe(is);
  });

  it('1.8: names its writer, with all that he has proved, in place of auth', () => {
    const acl = [...entry(31, 'auth', ''), ...entry(1, 'world', 'anyone')];
    expect(aclOfWriter(acl, [{ scheme: 'ip', id: '1.2.3.4' }, ada, bob])).toEqual([
      ...entry(31, 'digest', 'ada:hash'),
      ...entry(31, 'digest', 'bob:hash'),
      ...entry(1, 'world', 'anyone'),
    ]);
    expect(aclOfWriter(acl, [{ scheme: 'ip', id: '1.2.3.4' }, SUPER])).toBeNull();
  });

  it('shows no hash of a password to who may only read it', () => {
    expect(withoutHashes(entry(31, 'digest', 'ada:hash'))).toEqual(entry(31, 'digest', 'ada:x'));
    expect(withoutHashes(OPEN_ACL)).toBe(OPEN_ACL);
  });

  it.each([
    [[], 'without entries'],
    [entry(32, 'world', 'anyone'), 'not 32'],
    [entry(1.5, 'world', 'anyone'), 'not 1.5'],
    [entry(1, 'world', 'me'), 'only anyone'],
    [entry(1, 'magic', 'me'), 'no scheme "magic"'],
    [entry(1, 'super', ''), 'no scheme "super"'],
    [entry(1, 'digest', 'ada'), 'user:hash'],
    [entry(1, 'ip', '10.0.0.0/33'), 'neither'],
    [entry(1, 'ip', '10.0.0'), 'neither'],
    [entry(1, 'x509', ''), 'not empty'],
  ] satisfies [Acl, string][])('1.8: that cannot be is refused: %j', (acl, why) => {
    expect(faultOfAcl(acl, none)).toContain(why);
  });

  it('may name the scheme of a provider of its own', () => {
    expect(faultOfAcl(entry(1, 'magic', 'me'), new Set(['magic']))).toBeNull();
  });
});

describe('the scheme parent', () => {
  const parent: Acl = [
    { permissions: 31, scheme: 'digest', id: 'ada:x' },
    { permissions: 1, scheme: 'world', id: 'anyone' },
  ];
  const inherit = (permissions: number): AclEntry => ({ permissions, scheme: 'parent', id: '' });

  it("stands for the entries of the parent's ACL, beside others", () => {
    expect(aclBelow([inherit(31)], parent)).toEqual(parent);
    const bob = { permissions: 3, scheme: 'x509', id: 'CN=bob' };
    expect(aclBelow([bob, inherit(31)], parent)).toEqual([bob, ...parent]);
  });

  it('takes of each what its own permissions allow', () => {
    expect(aclBelow([inherit(2 | 16)], parent)).toEqual([
      { permissions: 2 | 16, scheme: 'digest', id: 'ada:x' },
    ]);
  });

  it('is nothing where it leaves nothing, which would be open to everybody, or too much', () => {
    expect(aclBelow([inherit(2)], parent.slice(1))).toBeNull();
    const many = Array.from({ length: 256 }, (_, i) => ({
      ...inherit(1),
      scheme: 'jwt',
      id: `${i}`,
    }));
    expect(aclBelow([inherit(1), ...parent], many)).toBeNull();
  });
});
