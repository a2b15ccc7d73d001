import { TOKEN_SCHEME } from '@paddock/model';
import type { ClientOperation, Credential, OperationResult } from '@paddock/model';

/** What proves who the session is: shown on each of its connections, since none has an identity of the one before. */
export class Credentials {
  #credentials: Credential[] = [];

  /** Those of the options; more are added by requests. */
  constructor(credentials: readonly Credential[] = []) {
    for (const credential of credentials) this.add(credential);
  }

  get shown(): readonly Credential[] | undefined {
    return this.#credentials.length === 0 ? undefined : this.#credentials.slice();
  }

  answered(operation: ClientOperation, result: OperationResult): void {
    if (operation.kind !== 'addAuth' || result.kind !== 'identities') return;
    const { scheme, credential } = operation;
    this.add({ scheme, credential });
  }

  /** A session has one token: a new one takes the place of the one before, which has ended or is about to. */
  add(added: Credential): void {
    if (added.scheme === TOKEN_SCHEME) {
      this.#credentials = this.#credentials.filter((it) => it.scheme !== TOKEN_SCHEME);
    }
    this.#credentials.push(added);
  }
}
