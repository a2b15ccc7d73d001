import { encodeText, SUPER, TOKEN_SCHEME } from '@paddock/model';
import type { Credential, Identities, Identity } from '@paddock/model';
import { SHA1_BASE64 } from '@paddock/node-runtime';
import type { SeededRandom } from '../kernel/seeded-random.ts';

/** Somebody whom a client can be: what it shows, and who the service must take it for. */
export interface Persona {
  readonly credentials: readonly Credential[];
  readonly identities: Identities;
}

function digestOf(text: string): Identity {
  return {
    scheme: 'digest',
    id: `${text.split(':', 1)[0] ?? ''}:${SHA1_BASE64(encodeText(text))}`,
  };
}

function persona(texts: readonly string[], more: readonly Identity[] = []): Persona {
  return {
    credentials: texts.map((it) => ({ scheme: 'digest', credential: encodeText(it) })),
    identities: [...texts.map(digestOf), ...more],
  };
}

/** Proves herself by a token, which takes its time. */
export const EVE: Identity = { scheme: TOKEN_SCHEME, id: 'eve' };

function withToken({ credentials, identities = [] }: Persona): Persona {
  const token = { scheme: TOKEN_SCHEME, credential: encodeText(EVE.id) };
  return { credentials: [...credentials, token], identities: [...identities, EVE] };
}

const OF_SUPER = 'super:secret';
/** As the configuration of a replica has it. */
export const SUPER_DIGEST = digestOf(OF_SUPER).id;

export const ADA = digestOf('ada:a');
export const BOB = digestOf('bob:b');

const NOBODY: Persona = { credentials: [], identities: undefined };
const PERSONAE: readonly [Persona, ...Persona[]] = [
  NOBODY,
  ...[NOBODY, persona(['ada:a']), persona(['ada:a']), persona(['bob:b'])],
  ...[persona(['ada:wrong']), persona(['ada:a', 'bob:b']), persona([OF_SUPER], [SUPER])],
  ...[withToken(NOBODY), withToken(NOBODY), withToken(persona(['bob:b']))],
];

export function drawPersona(random: SeededRandom): Persona {
  return random.pick(PERSONAE);
}
