export { DiskCrash, MemoryDisk } from './memory-disk.ts';
export type { CrashChoice, DiskStep } from './memory-disk.ts';
export type { KeptBytes, UnsyncedWrite } from './memory-inode.ts';
