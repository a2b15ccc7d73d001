/** Bytes that break the contract: names the field and what it should have been. The link that carried them ends. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly field: string;
  constructor(field: string, problem: string) {
    super(`${field} ${problem}`);
    this.field = field;
  }
}
