/** A broken invariant: a defect of the program, never of its input. The stage that meets one stops. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new InvariantError(statement);
}

export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`);
}
