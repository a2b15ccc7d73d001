import type { PlantedFault } from '../planted-fault.ts';

const TLS_TEST = 'libs/link-grpc/test/tls.test.ts';
const CONFIGURATION_TEST = 'libs/node-runtime/test/configuration.test.ts';
const UNSEEN = 'the network of the simulator has no TLS';

/** No rule of the protocol and none of the promises is about who may talk: they break what OPERATING.md says of TLS. */
export const TLS_FAULTS: readonly PlantedFault[] = [
  {
    id: 'any-certificate-is-taken',
    fault: 'a server that requires certificates takes links without one, or with a wrong one',
    breaks: [],
    file: 'libs/link-grpc/src/tls/server-credentials.ts',
    find: "rejectUnauthorized: peers === 'required'",
    replace: 'rejectUnauthorized: false',
    test: { file: TLS_TEST, name: 'takes no link whose certificate is' },
    unseen: UNSEEN,
  },
  {
    id: 'any-server-is-trusted',
    fault: 'an end that dials trusts servers of any authority, and expired ones',
    breaks: [],
    file: 'libs/link-grpc/src/tls/secure-connection.ts',
    find: 'rejectUnauthorized: true',
    replace: 'rejectUnauthorized: false',
    test: { file: TLS_TEST, name: 'does not trust a server whose certificate is' },
    unseen: UNSEEN,
  },
  {
    id: 'any-host-will-do',
    fault: 'an end that dials takes a certificate that names other hosts',
    breaks: [],
    file: 'libs/link-grpc/src/tls/secure-connection.ts',
    find: 'checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate)',
    replace: 'checkServerIdentity: () => undefined',
    test: { file: TLS_TEST, name: 'does not trust a server whose certificate is' },
    unseen: UNSEEN,
  },
  {
    id: 'renewal-needs-a-restart',
    fault: 'a server keeps its old certificate when the files change',
    breaks: [],
    file: 'libs/link-grpc/src/tls/server-credentials.ts',
    find: "if (reread === 'changed') this.updateSecureContextOptions(this.#files.options);",
    replace: '',
    test: {
      file: TLS_TEST,
      name: 'are read again when they change, for new connections of a server',
    },
    unseen: UNSEEN,
  },
  {
    id: 'open-to-the-network',
    fault: 'a stage listens beyond loopback without TLS, though nobody has said that it may',
    breaks: [],
    file: 'libs/node-runtime/src/insecure-addresses.ts',
    find: "if (kind !== 'admin' && tls[kind] !== undefined) return undefined;",
    replace: "if (kind !== 'admin') return undefined;",
    test: { file: CONFIGURATION_TEST, name: 'and says what is missing' },
    unseen: UNSEEN,
  },
  {
    id: 'one-certificate-opens-all',
    fault:
      'with a certificate for the port for clients, stages too listen beyond loopback, unencrypted',
    breaks: [],
    file: 'libs/node-runtime/src/insecure-addresses.ts',
    find: "if (kind !== 'admin' && tls[kind] !== undefined) return undefined;",
    replace: "if (kind !== 'admin' && (tls.clients ?? tls.links) !== undefined) return undefined;",
    test: { file: CONFIGURATION_TEST, name: 'and says what is missing' },
    unseen: UNSEEN,
  },
];
