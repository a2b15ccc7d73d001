/** The benchmark cannot go on; the message says why. */
export class BenchmarkError extends Error {
  override readonly name = 'BenchmarkError';
}
