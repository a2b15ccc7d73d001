/** One znode of a line. */
export interface Contender {
  readonly name: string;
  /** Its place among all that ever stood in line; the lowest is first. */
  readonly number: number;
}

/**
 * Those whose names end with one of the words and a number, first come first. What stands before the word does not
 * count: Curator puts an id there.
 */
export function contendersOf(
  names: readonly string[],
  ...words: readonly string[]
): readonly Contender[] {
  return names
    .flatMap((name): Contender[] => {
      const digits = /\d*$/.exec(name)?.[0] ?? '';
      const isOne = digits !== '' && words.some((word) => hasBefore(name, word, digits));
      return isOne ? [{ name, number: Number(digits) }] : [];
    })
    .sort((a, b) => a.number - b.number);
}

function hasBefore(name: string, word: string, digits: string): boolean {
  return name.endsWith(word, name.length - digits.length);
}
