import type { PlantedFault } from '../planted-fault.ts';

export const ELECTION_FAULTS: readonly PlantedFault[] = [];
