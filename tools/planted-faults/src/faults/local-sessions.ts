import type { PlantedFault } from '../planted-fault.ts';

const FRONTEND = 'libs/session-core/src/local-sessions.ts';
const FRONTEND_TESTS = 'libs/session-core/test/local-sessions.test.ts';
const DATABASE = 'libs/tree-core/src/frontends/attached-sessions.ts';
const DATABASE_TESTS = 'libs/tree-core/test/local-sessions.test.ts';
const CLIENT = 'libs/client-core/src/local-session.ts';
const CLIENT_TESTS = 'libs/client-core/test/local-sessions.test.ts';

export const LOCAL_SESSION_FAULTS: readonly PlantedFault[] = [
  {
    id: 'local-session-is-opened-for-all',
    fault: 'the opening of a local session goes to the processor',
    breaks: ['H19'],
    file: 'libs/session-core/src/processor-requests.ts',
    find: "(phase === 'opening' && scope === 'global')",
    replace: "phase === 'opening'",
  },
  {
    id: 'write-before-upgrade',
    fault: 'a client sends its first write before its local session is a global one',
    breaks: ['H19', 'P5'],
    file: CLIENT,
    find: '    return WAITS;',
    replace: '    return null;',
    test: {
      file: CLIENT_TESTS,
      name: 'P5, H19 c: makes it a global one before its first write leaves, and what is behind that waits',
    },
  },
  {
    id: 'upgrade-keeps-old-row',
    fault: 'a database goes on with what a local session had instead of a row when it has one',
    breaks: ['H19', 'P2'],
    file: DATABASE,
    find: '      older.row = row;\n',
    replace: '',
    test: {
      file: DATABASE_TESTS,
      name: 'H19 c: keeps its watches and its parked reads when it is upgraded, and has outcomes from then on',
    },
  },
  {
    id: 'local-watch-compares-zxids',
    fault:
      'a watch of a local session is continued by the zxids of its znode, whatever was restored meanwhile',
    breaks: ['P9'],
    file: DATABASE,
    find: 'isBeyondHistory && localTimeoutMs !== undefined',
    replace: 'isBeyondHistory && localTimeoutMs === -1',
    test: {
      file: DATABASE_TESTS,
      name: 'P9: is told that history is compacted, since a backup may have been restored since then',
    },
  },
  {
    id: 'upgrade-acknowledged-here',
    fault:
      'a front-end acknowledges heartbeats of a session by itself while the leader counts already',
    breaks: ['H17', 'H19'],
    file: FRONTEND,
    find: "if (session.scope !== 'local' || session.phase !== 'live') return;\n  const { heartbeat",
    replace:
      "if (session.scope === 'global' || session.phase !== 'live') return;\n  const { heartbeat",
    test: {
      file: FRONTEND_TESTS,
      name: 'is answered its heartbeats at once, and the leader is touched for it only from its upgrade on (H17)',
    },
  },
];
