import type { PlantedFault } from '../planted-fault.ts';

const READS = 'libs/tree-core/src/frontends/reads.ts';

export const READ_FAULTS: readonly PlantedFault[] = [
  {
    id: 'read-before-own-write',
    fault: 'a read is answered before the write of its session that it follows',
    breaks: ['H14', 'P2'],
    file: READS,
    find: 'afterSequence <= live.row.lastSequence &&',
    replace: 'afterSequence >= 0 &&',
  },
];
