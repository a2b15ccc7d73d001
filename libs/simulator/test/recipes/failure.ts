import { PaddockError } from '@paddock/client';
import { LockLostError } from '@paddock/recipes';

/** What an attempt came to. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof PaddockError || error instanceof LockLostError
      ? error.code
      : String(error);
  }
}
