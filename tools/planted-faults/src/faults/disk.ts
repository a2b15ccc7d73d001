import type { PlantedFault } from '../planted-fault.ts';

const LOG = 'libs/txn-log/src/txn-log.ts';

export const DISK_FAULTS: readonly PlantedFault[] = [
  {
    id: 'ack-before-sync',
    fault: 'a batch of the log counts as durable once it is written',
    breaks: ['P6'],
    file: LOG,
    find: 'this.#then(segment.file, () => this.#sync(segment, start === 0)),',
    replace: 'this.#then(segment.file, () => this.#complete(segment)),',
  },
  {
    id: 'segment-name-not-synced',
    fault: 'a new segment is not followed by a sync of the directory',
    breaks: ['P6'],
    file: LOG,
    find: 'if (!isNew) this.#complete(segment);',
    replace: 'if (segment.end > 0) this.#complete(segment);',
  },
  {
    id: 'snapshot-renamed-before-sync',
    fault: 'a snapshot gets its name before its bytes are synced',
    breaks: ['H8', 'P6'],
    file: 'libs/txn-log/src/snapshot-writing.ts',
    find: 'else if (this.#synced < this.#position) this.#sync();',
    replace: 'else if (this.#synced > this.#position) this.#sync();',
  },
];
