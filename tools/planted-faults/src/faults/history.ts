import type { PlantedFault } from '../planted-fault.ts';

const LOG_SERVING = 'libs/replica/src/log-serving.ts';
const UNSEEN = 'no user of the simulator asks for the past';

export const HISTORY_FAULTS: readonly PlantedFault[] = [
  {
    id: 'log-tells-uncommitted',
    fault: 'a query of the log is told what is not committed yet',
    breaks: ['H9'],
    file: LOG_SERVING,
    find: 'trustedZxid(through + 1) : before',
    replace: 'trustedZxid(through + 1000) : before',
    test: {
      file: 'libs/replica/test/history/log-searching.test.ts',
      name: 'tells nothing that may yet be cut off the log',
    },
    unseen: UNSEEN,
  },
];
