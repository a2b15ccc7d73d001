/** Why a held lock, or leadership, cannot be relied on any more; the reason of its signal. */
export class LockLostError extends Error {
  override readonly name = 'LockLostError';
  readonly code = 'lockLost';
  /** The znode that stood for it. */
  readonly path: string;

  constructor(path: string, why: string) {
    super(`${path} does not hold any more: ${why}`);
    this.path = path;
  }
}
