import type { PlantedFault } from '../planted-fault.ts';

const CORE_TEST = 'libs/session-core/test/tokens.test.ts';
const PROVIDER_TEST = 'libs/replica/test/tokens/token-provider.test.ts';
const CLIENT_TEST = 'libs/client/test/token.test.ts';
const VERIFICATION = 'libs/replica/src/tokens/token-verification.ts';
const PROVIDER = 'libs/replica/src/tokens/token-provider.ts';
const ENDLESS = 'no token ends in the simulation';
const UNSIGNED = 'the tokens of the simulation are not signed';

export const TOKEN_FAULTS: readonly PlantedFault[] = [
  {
    id: 'requests-overtake-a-proof',
    fault: 'what a client sends behind a credential does not wait until that is verified',
    breaks: ['P2'],
    file: 'libs/session-core/src/client-requests.ts',
    find: "  if (session.proving !== null && request.kind !== 'heartbeat') {",
    replace: '  if (session.proving !== null && false) {',
    test: { file: CORE_TEST, name: 'P2: keeps all behind it waiting, in order' },
  },
  {
    id: 'unproved-clients-are-read',
    fault: 'a connection is read on while its credential is verified',
    breaks: ['H16'],
    file: 'libs/session-core/src/client-requests.ts',
    find: '    if (session.proving !== null) continue;\n',
    replace: '',
    test: { file: CORE_TEST, name: 'is not read behind while it is verified' },
    unseen: 'the clients of the simulation hold back by themselves',
  },
  {
    id: 'identities-for-ever',
    fault: 'an identity stays when the token that proved it has expired',
    breaks: [],
    file: 'libs/session-core/src/standing.ts',
    find: 'if (endMs > nowMs) {',
    replace: 'if (endMs > 0 || nowMs > 0) {',
    test: { file: CORE_TEST, name: 'ends with it, and the session and its other identities stay' },
    unseen: ENDLESS,
  },
  {
    id: 'watches-outlive-identities',
    fault: 'a database is not told that who a session was has expired',
    breaks: [],
    file: 'libs/session-core/src/session-identities.ts',
    find: '  if (session.attached) tellIdentities(front, session, out);\n',
    replace: '  session.mustIdentify = false;\n',
    test: { file: CORE_TEST, name: 'is told to the database, whose watches tell it nothing' },
    unseen: ENDLESS,
  },
  {
    id: 'identify-ignored',
    fault: 'a database goes on telling the watches of a session what it may not read any more',
    breaks: [],
    file: 'libs/tree-core/src/frontends/attached-sessions.ts',
    find: '    live.identities = identities;\n',
    replace: '',
    test: {
      file: 'libs/tree-core/test/access.test.ts',
      name: 'is asked of who a session is by now, which a read that was sent before does not change',
    },
    unseen: ENDLESS,
  },
  {
    id: 'any-algorithm',
    fault: 'a token is taken that is signed by an algorithm which is not listed',
    breaks: [],
    file: VERIFICATION,
    find: '      algorithms: [...terms.algorithms],\n',
    replace: '',
    test: { file: PROVIDER_TEST, name: 'proves nothing by an algorithm that is not listed' },
    unseen: UNSIGNED,
  },
  {
    id: 'any-audience',
    fault: 'a token for somebody else is taken',
    breaks: [],
    file: VERIFICATION,
    find: '      audience: [...terms.audience],\n',
    replace: '',
    test: { file: PROVIDER_TEST, name: 'proves nothing, and it says so' },
    unseen: UNSIGNED,
  },
  {
    id: 'any-issuer',
    fault: 'a token of another issuer is taken',
    breaks: [],
    file: VERIFICATION,
    find: '      issuer: terms.issuer,\n',
    replace: '',
    test: { file: PROVIDER_TEST, name: 'proves nothing, and it says so' },
    unseen: UNSIGNED,
  },
  {
    id: 'tokens-outlive-their-keys',
    fault: 'a token is known again though its key was taken away',
    breaks: [],
    file: PROVIDER,
    find: "      if (reread === 'changed') this.#known = new Map();\n",
    replace: '      if (reread === null) this.#known = new Map();\n',
    test: { file: PROVIDER_TEST, name: 'are known again, until their keys change' },
    unseen: UNSIGNED,
  },
  {
    id: 'tokens-wait-without-bound',
    fault: 'any number of clients that have proved nothing wait for verification',
    breaks: ['H16'],
    file: PROVIDER,
    find: 'if (isFull || this.#waiting >= WAITING_MAX) {',
    replace: 'if (isFull && this.#waiting >= WAITING_MAX) {',
    test: { file: PROVIDER_TEST, name: 'no more than so many wait' },
    unseen: UNSIGNED,
  },
  {
    id: 'tokens-in-the-open',
    fault: 'a client sends its token to another machine unencrypted',
    breaks: [],
    file: 'libs/client/src/caller.ts',
    find: '  if (!hasToken || tls !== undefined || insecureToken) return;\n',
    replace: '  if (hasToken || tls !== undefined || insecureToken) return;\n',
    test: { file: CLIENT_TEST, name: 'sends no token unencrypted to ' },
    unseen: 'the network of the simulator has no TLS',
  },
];
