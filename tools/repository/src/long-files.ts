/** Lines that a source file may have. */
export const linesMax = 400;

/**
 * Files that are one thing, however long: their path, and the lines that they may have. A file may only
 * leave this list or shrink.
 */
export const longFiles: ReadonlyMap<string, number> = new Map([]);
