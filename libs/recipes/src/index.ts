export type { Contender } from './contender.ts';
export { election, Election } from './election.ts';
export { FencedClient } from './fenced-client.ts';
export { Held } from './held.ts';
export { lock, Lock } from './lock.ts';
export type { AcquireOptions, LockOptions, WaitingContender } from './lock.ts';
export { LockLostError } from './lock-lost-error.ts';
