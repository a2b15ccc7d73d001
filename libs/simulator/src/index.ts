export { Simulation } from './simulation.ts';
export type { SimulationOptions, SimulationResult } from './simulation.ts';
