import { ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { SendingWindow } from './sending-window.ts';

/** connected → asking (has said where it stands) → delivering, or needsSnapshot for good. */
export type DatabaseLinkState = 'connected' | 'asking' | 'delivering' | 'needsSnapshot';

/** Where one database stands. */
export class DatabaseLink {
  readonly link: number;
  readonly window = new SendingWindow();
  state: DatabaseLinkState = 'connected';
  snapshot: Zxid = ZXID_ZERO;
  /** The ensemble's configuration at the snapshot, as entries carry it. */
  configuration: Uint8Array = new Uint8Array();
  /** Number of the read of the log that is under way; 0: none. */
  read = 0;
  purgeBelow: Zxid = ZXID_ZERO;
  /** While a snapshot is needed: of at least this zxid, and where it was told to fetch it. */
  neededAtLeast: Zxid = ZXID_ZERO;
  toldSource: string | null = null;
  /** The backup that it was told to fetch, and where. */
  toldBackup = '';

  constructor(link: number) {
    this.link = link;
  }

  get delivered(): Zxid {
    return this.window.sent;
  }

  get applied(): Zxid {
    return this.window.confirmed;
  }

  ask(applied: Zxid, snapshot: Zxid, configuration: Uint8Array): void {
    this.state = 'asking';
    this.window.startAt(applied);
    this.snapshot = snapshot;
    this.configuration = configuration;
  }
}
