export { ProcessorEffects } from './processor-effects.ts';
export type { LinkClosing } from './processor-effects.ts';
export type { ProcessorEvent } from './processor-event.ts';
export type {
  ProcessorDependencies,
  ProcessorOptions,
  ProcessorStatus,
} from './processor-options.ts';
export { RequestProcessorCore } from './request-processor-core.ts';
