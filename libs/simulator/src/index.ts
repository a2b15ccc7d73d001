export { NOTHING_OMITTED, Simulation } from './simulation.ts';
export type { Omissions, SimulationOptions, SimulationResult } from './simulation.ts';
export { FAULTS } from './faults/fault-kinds.ts';
