import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeText } from '@paddock/model';
import type { Proof } from '@paddock/session-core';
import { afterAll, describe, expect, it } from 'vitest';
import { ModuleProvider } from '../src/module-provider.ts';

const directory = mkdtempSync(join(tmpdir(), 'paddock-providers-'));
let files = 0;

afterAll(() => rmSync(directory, { recursive: true }));

function load(source: string, told: (scheme: string) => void = () => undefined): ModuleProvider {
  const file = join(directory, `provider-${++files}.mjs`);
  writeFileSync(file, source);
  return ModuleProvider.load(file, told);
}

function proofOf(provider: ModuleProvider, credential: string): Promise<Proof> {
  return new Promise((resolve) => provider.prove(encodeText(credential), resolve));
}

const PASSWORDS = `
export const scheme = 'ldap';
export async function prove(credential) {
  const [user, password] = new TextDecoder().decode(credential).split(':');
  if (password === 'none') return [];
  if (password !== 'right') throw new Error('wrong password');
  return [user, 'cn=' + user];
}`;

describe("an operator's module", () => {
  it('proves identities of its scheme', async () => {
    expect(await proofOf(load(PASSWORDS), 'ada:right')).toEqual({
      kind: 'proved',
      identities: [
        { scheme: 'ldap', id: 'ada' },
        { scheme: 'ldap', id: 'cn=ada' },
      ],
    });
  });

  it('says why it proves nothing', async () => {
    const refused = { kind: 'refused', reason: 'ldap: wrong password' };
    expect(await proofOf(load(PASSWORDS), 'ada:wrong')).toEqual(refused);
  });

  it('proves nothing where it returns no ids, and the operator is told', async () => {
    const told: string[] = [];
    const provider = load(PASSWORDS, (scheme) => told.push(scheme));
    expect((await proofOf(provider, 'ada:none')).kind).toBe('refused');
    expect(told).toEqual(['ldap']);
  });

  it('is asked for so many at a time, and the others are sent away for a moment', async () => {
    const provider = load(
      "export const scheme = 'slow'; export const prove = () => new Promise(() => {});",
    );
    for (let i = 0; i < 256; i++) provider.prove(encodeText('x'), () => undefined);
    expect(await proofOf(provider, 'x')).toMatchObject({ kind: 'busy' });
  });

  it.each([
    ['export const prove = () => [];', '"scheme" must be exported'],
    ["export const scheme = 'LDAP'; export const prove = () => [];", 'lower-case letters'],
    ["export const scheme = 'digest'; export const prove = () => [];", 'another name than world'],
    ["export const scheme = 'ldap';", '"prove" must be exported'],
    ['this is no module', 'cannot be loaded'],
  ])('is refused at the start where it is none: %s', (source, fault) => {
    expect(() => load(source)).toThrow(fault);
  });

  it('is refused at the start where there is none', () => {
    const missing = join(directory, 'missing.mjs');
    expect(() => ModuleProvider.load(missing, () => undefined)).toThrow(missing);
  });
});
