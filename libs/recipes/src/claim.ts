import type { Zxid } from '@paddock/client';

/** What a session has on the tree while it holds something. */
export interface Claim {
  /** The znode that stands for it. */
  readonly path: string;
  /** Of that znode: another one of the same name is another claim. */
  readonly czxid: Zxid;
  /** Grows from holder to holder. */
  readonly token: Zxid;
  /** Znodes that have to be there as well. */
  readonly alsoNeeds: readonly string[];
  /** Also where its session is over, or somebody else has removed it. */
  leave(): Promise<void>;
}
