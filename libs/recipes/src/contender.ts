/** One znode of a line. */
export interface Contender {
  readonly name: string;
  /** Its place among all that ever stood in line; the lowest is first. */
  readonly number: number;
}

/**
 * Those whose names end with the word and a number, first come first. What stands before the word does not count:
 * Curator puts an id there.
 */
export function contendersOf(names: readonly string[], word: string): readonly Contender[] {
  return names
    .flatMap((name): Contender[] => {
      const at = name.lastIndexOf(word);
      const digits = at === -1 ? '' : name.slice(at + word.length);
      return /^\d+$/.test(digits) ? [{ name, number: Number(digits) }] : [];
    })
    .sort((a, b) => a.number - b.number);
}
