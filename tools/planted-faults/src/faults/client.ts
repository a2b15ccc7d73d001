import type { PlantedFault } from '../planted-fault.ts';

const CORE = 'libs/client-core/src/client-core.ts';

export const CLIENT_FAULTS: readonly PlantedFault[] = [
  {
    id: 'lost-watch-on-resume',
    fault: 'a resume brings no watches back',
    breaks: ['H15', 'P9'],
    file: CORE,
    find: 'watches: this.#watches.registrations(),',
    replace: 'watches: [],',
  },
  {
    id: 'resumed-outcomes-ignored',
    fault: 'a client ignores the outcomes that a resume tells',
    breaks: ['P5'],
    file: CORE,
    find: 'const foreign = queue.recover(reply.outcomes);',
    replace: 'const foreign = null;',
  },
];
