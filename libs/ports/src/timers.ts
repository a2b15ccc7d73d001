/** Takes back what was asked for; without effect once it has happened. */
export type CancelTimer = () => void;

/** Later turns: of the process' event loop, or of a simulation's virtual time. Delays are milliseconds. */
export interface Timers {
  after(delayMs: number, task: () => void): CancelTimer;
  every(periodMs: number, task: () => void): CancelTimer;
  /** In a later turn, behind what has arrived by now. */
  soon(task: () => void): CancelTimer;
}
