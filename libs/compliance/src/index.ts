export { describeDisk } from './disk.ts';
export type { DiskFixture } from './disk.ts';
