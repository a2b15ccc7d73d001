export { ClientCore } from './client-core.ts';
export { ClientEffects } from './client-effects.ts';
export type {
  ClientEnd,
  ClientState,
  ClientWatchEvent,
  Delivery,
  Settlement,
} from './client-effects.ts';
export type { ClientEvent, Submission } from './client-event.ts';
export { DEFAULT_CLIENT_OPTIONS } from './client-options.ts';
export type { ClientDependencies, ClientOptions } from './client-options.ts';
