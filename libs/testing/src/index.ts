export { EnsembleError } from './ensemble-error.ts';
export type { SeededChoice } from './seeded-choice.ts';
export { simulate, SimulationFailed } from './simulate.ts';
export type { SimulateOptions, SimulationReport } from './simulate.ts';
export type { SimulatedProcess, SimulatedWorld, Work } from './simulated-world.ts';
export { startEnsemble, TestEnsemble } from './test-ensemble.ts';
export type { EnsembleOptions, TestConnectOptions } from './test-ensemble.ts';
