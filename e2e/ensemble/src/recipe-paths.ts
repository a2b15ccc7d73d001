/** Where the processes of a test meet. */
export const JOBS = '/jobs';
export const LOCK = '/lock';
export const SUM = '/sum';
