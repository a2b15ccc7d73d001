import { step } from '@paddock/client';
import type {
  CallOptions,
  Client,
  CreatedZnode,
  CreateOptions,
  Guard,
  StepResult,
  TransactionOptions,
  TransactionOutcome,
  VersionOptions,
  ZnodeData,
} from '@paddock/client';

type Result<Kind extends StepResult['kind']> = Extract<StepResult, { kind: Kind }>;

/**
 * Writes that take effect only while the lock is held: each is checked against the lock's znode in its own transaction,
 * and fails as `guardFailed` where that is gone, however late it arrives.
 */
export class FencedClient {
  readonly guard: Guard<string>;
  readonly #client: Client;

  constructor(client: Client, guard: Guard<string>) {
    this.#client = client;
    this.guard = guard;
  }

  async create(
    path: string,
    data: ZnodeData = '',
    options: CreateOptions & CallOptions & { readonly parents?: boolean } = {},
  ): Promise<CreatedZnode> {
    const outcome = await this.transaction({
      ...boundsOf(options),
      then: [step.create(path, data, options)],
    });
    const { kind: _, ...created } = only(outcome, 'created');
    return { ...created, zxid: outcome.zxid };
  }

  async set(
    path: string,
    data: ZnodeData,
    options: VersionOptions & CallOptions & { readonly upsert?: boolean } = {},
  ): Promise<Omit<Result<'dataSet'>, 'kind'> & Pick<TransactionOutcome, 'zxid'>> {
    const outcome = await this.transaction({
      ...boundsOf(options),
      then: [step.set(path, data, options)],
    });
    const { stat } = only(outcome, 'dataSet');
    return { stat, zxid: outcome.zxid };
  }

  async delete(
    path: string,
    options: VersionOptions & CallOptions & { readonly recursive?: boolean } = {},
  ): Promise<Pick<TransactionOutcome, 'zxid'>> {
    const { zxid } = await this.transaction({
      ...boundsOf(options),
      then: [step.delete(path, options)],
    });
    return { zxid };
  }

  transaction(
    options: Omit<TransactionOptions, 'guard'> & CallOptions,
  ): Promise<TransactionOutcome> {
    return this.#client.transaction({ ...options, guard: this.guard });
  }
}

function boundsOf({ signal, deadlineMs }: CallOptions): CallOptions {
  return { signal, deadlineMs };
}

function only<Kind extends StepResult['kind']>(
  { results }: TransactionOutcome,
  kind: Kind,
): Result<Kind> {
  const [result] = results;
  if (!isOf(result, kind)) {
    throw new TypeError(`a step was answered by ${result?.kind ?? 'nothing'}`);
  }
  return result;
}

function isOf<Kind extends StepResult['kind']>(
  result: StepResult | undefined,
  kind: Kind,
): result is Result<Kind> {
  return result?.kind === kind;
}
