export { DigestProvider } from './digest-provider.ts';
export type { DigestHash } from './digest-provider.ts';
export { SessionFrontendEffects } from './frontend-effects.ts';
export type { ClientClosing, UnaryAnswer, WatchStreamReply } from './frontend-effects.ts';
export type { SessionFrontendEvent } from './frontend-event.ts';
export type {
  MissingNeighbour,
  SessionFrontendDependencies,
  SessionFrontendOptions,
  SessionFrontendStatus,
} from './frontend-status.ts';
export { authFailed, IdentityProviders, refusalOfProof, workOut } from './identities.ts';
export type { IdentityProvider, Proof } from './identities.ts';
export { ProcessorOutbox } from './processor-outbox.ts';
export { SessionFrontendCore } from './session-frontend-core.ts';
