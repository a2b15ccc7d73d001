import type { PlantedFault } from '../planted-fault.ts';

export const FRONTEND_FAULTS: readonly PlantedFault[] = [];
