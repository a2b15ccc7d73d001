/** What was asked of an ensemble under test cannot be, or the ensemble did what no promise allows. */
export class EnsembleError extends Error {
  override readonly name = 'EnsembleError';
}
