import type { PlantedFault } from '../planted-fault.ts';

export const CLIENT_FAULTS: readonly PlantedFault[] = [];
