import { PaddockError, step } from '@paddock/client';
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
import type { Claim } from './claim.ts';

type Result<Kind extends StepResult['kind']> = Extract<StepResult, { kind: Kind }>;

/**
 * Writes that take effect only while the lock is held: each is checked against the lock's znode in its own transaction,
 * and fails as `guardFailed` where that is gone, however late it arrives.
 */
export class FencedClient {
  readonly guard: Guard<string>;
  readonly #client: Client;

  readonly #alsoNeeds: readonly string[];

  constructor(
    client: Client,
    { path, czxid, alsoNeeds }: Pick<Claim, 'path' | 'czxid' | 'alsoNeeds'>,
  ) {
    this.#client = client;
    this.guard = { path, czxid };
    this.#alsoNeeds = alsoNeeds;
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

  async transaction(
    options: Omit<TransactionOptions, 'guard'> & CallOptions,
  ): Promise<TransactionOutcome> {
    const { guard } = this;
    if (this.#alsoNeeds.length === 0) return this.#client.transaction({ ...options, guard });
    const { then = [], otherwise = [], ...others } = options;
    // Behind the steps, so that these are counted as whoever wrote them counts them.
    const checks = this.#alsoNeeds.map((path) => step.check(path));
    const steps = { then: [...then, ...checks], otherwise: [...otherwise, ...checks] };
    try {
      const outcome = await this.#client.transaction({ ...others, ...steps, guard });
      return { ...outcome, results: outcome.results.slice(0, -checks.length) };
    } catch (error) {
      throw this.#isOfChecks(error) ? lostPart(error) : error;
    }
  }

  #isOfChecks(error: unknown): error is PaddockError {
    return (
      error instanceof PaddockError &&
      error.code === 'noNode' &&
      error.step !== null &&
      this.#alsoNeeds.includes(error.path)
    );
  }
}

function lostPart({ path }: PaddockError): PaddockError {
  return new PaddockError('guardFailed', path, `${path} is not held any more (guardFailed)`);
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
