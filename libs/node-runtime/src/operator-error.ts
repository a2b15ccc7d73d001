/**
 * Something that the person who started the process can put right: one line that says what is wrong and what to do.
 * It ends the process with code 1 and without a stack.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
