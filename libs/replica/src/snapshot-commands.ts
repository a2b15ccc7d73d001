import type { Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { SnapshotCommand } from '@paddock/tree-core';
import type { SnapshotFiles } from '@paddock/txn-log';
import type { ContradictionEvidence } from './contradiction-evidence.ts';

/** Does with the files of a database's own snapshots what its core wants done. */
export class SnapshotCommands {
  readonly #files: SnapshotFiles;
  readonly #evidence: ContradictionEvidence;
  readonly #failed: (reason: string) => void;
  /** The core does not know yet of one that could not be begun; the files may be somebody else's by now. */
  #isBegun = false;

  constructor(
    files: SnapshotFiles,
    evidence: ContradictionEvidence,
    failed: (reason: string) => void,
  ) {
    this.#files = files;
    this.#evidence = evidence;
    this.#failed = failed;
  }

  carryOut(command: SnapshotCommand): void {
    switch (command.kind) {
      case 'begin':
        this.#isBegun = this.#begin(command.zxid);
        break;
      case 'beginEvidence':
        this.#isBegun = this.#evidence.begin(command.zxid);
        break;
      case 'write':
        if (this.#isBegun) this.#files.write(command.chunk);
        break;
      case 'finish':
        if (this.#isBegun) this.#files.finish(command.agreed);
        break;
      case 'abandon':
        if (this.#isBegun) this.#files.abandon();
        this.#isBegun = false;
        break;
    }
  }

  /** One that cannot be begun has failed like one that cannot be written: nobody is served worse for it. */
  #begin(zxid: Zxid): boolean {
    try {
      this.#files.begin(zxid);
      return true;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#failed(error.message);
      return false;
    }
  }
}
