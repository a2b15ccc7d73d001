/** A set that is mostly tiny: an array while it is short, a Set beyond. Null is the empty one. */
export type Few<T> = T[] | Set<T>;

const ARRAY_MAX = 8;

/** The set with the item, which may be another object than before. */
export function withItem<T>(few: Few<T> | null, item: T): Few<T> {
  if (few === null) return [item];
  if (few instanceof Set) {
    few.add(item);
    return few;
  }
  if (few.includes(item)) return few;
  if (few.length < ARRAY_MAX) {
    few.push(item);
    return few;
  }
  const set = new Set(few);
  set.add(item);
  return set;
}

/** The set without the item; null once it is empty. */
export function withoutItem<T>(few: Few<T> | null, item: T): Few<T> | null {
  if (few === null) return null;
  if (few instanceof Set) {
    few.delete(item);
    return few.size === 0 ? null : few;
  }
  const at = few.indexOf(item);
  if (at < 0) return few;
  if (few.length === 1) return null;
  few.splice(at, 1);
  return few;
}

export function hasItem<T>(few: Few<T> | null, item: T): boolean {
  if (few === null) return false;
  return few instanceof Set ? few.has(item) : few.includes(item);
}

export function fewCount(few: Few<unknown> | null): number {
  if (few === null) return 0;
  return few instanceof Set ? few.size : few.length;
}
