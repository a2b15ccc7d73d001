import type { PlantedFault } from '../planted-fault.ts';

const QUORUM = 'libs/zab-core/src/quorum.ts';

export const BROADCASTER_FAULTS: readonly PlantedFault[] = [
  {
    id: 'commit-without-quorum',
    fault: 'an entry is committed with one acknowledgement less than a majority',
    breaks: ['P1', 'P6'],
    file: QUORUM,
    find: 'Math.floor((ascending.length - 1) / 2)]',
    replace: 'Math.floor((ascending.length - 1) / 2) + 1] ?? ascending[0]',
  },
  {
    id: 'win-with-half',
    fault: 'half of the voters, rounded down, are a majority in votes of all kinds',
    breaks: ['P1', 'P6'],
    file: QUORUM,
    find: 'return count * 2 > voters.length;',
    replace: 'return count * 2 + 1 >= voters.length;',
  },
];
