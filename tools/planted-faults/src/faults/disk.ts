import type { PlantedFault } from '../planted-fault.ts';

const LOG = 'libs/txn-log/src/txn-log.ts';
const SCAN = 'libs/txn-log/src/segment-scan.ts';

export const DISK_FAULTS: readonly PlantedFault[] = [
  {
    id: 'ack-before-sync',
    fault: 'a batch of the log counts as durable once it is written',
    breaks: ['P6'],
    file: LOG,
    find: 'this.#then(segment.file, () => this.#sync(segment, start === 0)),',
    replace: 'this.#then(segment.file, () => this.#complete(segment)),',
    test: {
      file: 'libs/txn-log/test/txn-log.test.ts',
      name: 'acknowledges nothing before the sync has completed',
    },
  },
  {
    id: 'segment-name-not-synced',
    fault: 'a new segment is not followed by a sync of the directory',
    breaks: ['P6'],
    file: LOG,
    find: 'if (!isNew) this.#complete(segment);',
    replace: 'if (segment.end > 0) this.#complete(segment);',
    test: {
      file: 'libs/txn-log/test/crash.test.ts',
      name: 'loses nothing that was acknowledged, where un-synced bytes are',
    },
  },
  {
    id: 'replay-of-all',
    fault: 'a restart delivers the whole log, also what nobody has committed',
    breaks: ['H9', 'P7'],
    file: LOG,
    find: 'committed: found.committed < found.last ? found.committed : found.last,',
    replace: 'committed: found.last,',
    test: {
      file: 'libs/txn-log/test/txn-log.test.ts',
      name: 'H9: takes no entry for committed because a segment begins behind it',
    },
  },
  {
    id: 'checksum-not-chained',
    fault: 'a record is read whatever record stood before it when it was written',
    breaks: ['H10', 'P6'],
    file: SCAN,
    find: 'if (record?.previous !== segment.lastChecksum) break;',
    replace: 'if (record === undefined) break;',
    test: {
      file: 'libs/txn-log/test/recovery.test.ts',
      name: 'H10: older records of the same size behind a new one do not parse',
    },
  },
  {
    id: 'cut-not-durable',
    fault: 'the tail that a leader has not got is cut in memory and stays on the disk',
    breaks: ['H10', 'P1'],
    file: LOG,
    find: 'segment.file.truncate(end.offset);',
    replace: '',
    test: {
      file: 'libs/txn-log/test/recovery.test.ts',
      name: 'H10: a truncation is durable when it returns',
    },
  },
  {
    id: 'old-generation-kept',
    fault:
      'a log that begins anew behind a snapshot keeps its number, and the segments before count',
    breaks: ['H8'],
    file: LOG,
    find: 'generation: this.#base.generation + 1 };',
    replace: 'generation: this.#base.generation };',
    test: {
      file: 'libs/txn-log/test/txn-log.test.ts',
      name: 'H8: starts a new generation behind a snapshot, and forgets the older one',
    },
  },
  {
    id: 'base-not-replaced',
    fault: 'a log that begins anew behind a snapshot does not write where it begins',
    breaks: ['H8', 'P6'],
    file: LOG,
    find: 'writeBaseRecord(this.#disk, next);',
    replace: '',
    test: {
      file: 'libs/txn-log/test/txn-log.test.ts',
      name: 'H8: starts a new generation behind a snapshot, and forgets the older one',
    },
  },
  {
    id: 'snapshot-renamed-before-sync',
    fault: 'a snapshot gets its name before its bytes are synced',
    breaks: ['H8', 'P6'],
    file: 'libs/txn-log/src/snapshot-writing.ts',
    find: 'else if (this.#synced < this.#position) this.#sync();',
    replace: 'else if (this.#synced > this.#position) this.#sync();',
    test: {
      file: 'libs/txn-log/test/snapshot-files.test.ts',
      name: 'have a snapshot whole or not at all, wherever the power is cut',
    },
  },
  {
    id: 'snapshot-not-read-back',
    fault: 'a snapshot counts as verified without having been read back',
    breaks: ['H23'],
    file: 'libs/txn-log/src/snapshot-writing.ts',
    find: 'else this.#readBack();',
    replace: 'else this.#publish();',
    test: {
      file: 'libs/txn-log/test/snapshot-files.test.ts',
      name: 'read a snapshot back before it gets its name, and give up one that reads back wrong (H8)',
    },
  },
  {
    id: 'unsynced-tail-counts',
    fault: 'what a killed process had written counts as durable, though nobody has synced it',
    breaks: ['P6'],
    file: 'libs/txn-log/src/recovery.ts',
    find: 'last?.file.truncate(last.end);',
    replace: '',
    test: {
      file: 'libs/txn-log/test/crash.test.ts',
      name: 'leaves records that are durable once they are recovered',
    },
  },
];
