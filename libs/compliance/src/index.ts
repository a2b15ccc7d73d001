export { describeDisk } from './disk.ts';
export type { DiskFixture } from './disk.ts';
export { describeLink, LINK_SUITE_LIMITS } from './link.ts';
export type { LinkFixture } from './link.ts';
