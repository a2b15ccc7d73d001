export { Ensemble, spawnPaddock, TOPOLOGIES } from './ensemble.ts';
export type { EnsembleOptions, Serving, Status, Topology } from './ensemble.ts';
export { eventually } from './eventually.ts';
export { WriteLoad } from './write-load.ts';
