import type { ClientOperation, Credential, OperationResult } from '@paddock/model';

/** What proves who the session is: shown on each of its connections, since none has an identity of the one before. */
export class Credentials {
  readonly #credentials: Credential[];

  /** Those of the options; more are added by requests. */
  constructor(credentials: readonly Credential[] = []) {
    this.#credentials = [...credentials];
  }

  get shown(): readonly Credential[] | undefined {
    return this.#credentials.length === 0 ? undefined : this.#credentials.slice();
  }

  answered(operation: ClientOperation, result: OperationResult): void {
    if (operation.kind !== 'addAuth' || result.kind !== 'identities') return;
    const { scheme, credential } = operation;
    this.#credentials.push({ scheme, credential });
  }
}
