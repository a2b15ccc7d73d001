// What a refusal says of a limit: protos/paddock/client/v1/error.proto, the same between stages.
import type { paddock } from '@paddock/contracts';
import type { ErrorCode, Failed, FailedStep, ReachedLimit, Refusal } from '@paddock/model';
import { count64Of } from './fields.ts';
import { limitKinds } from './words.ts';

type WireLimit = paddock.client.v1.ReachedLimit.$Properties;

export function readLimit(wire: WireLimit): ReachedLimit {
  return {
    kind: limitKinds.read(wire.kind),
    path: wire.path ?? '',
    limit: count64Of(wire.limit, 'limit'),
    use: count64Of(wire.use, 'limit use'),
    more: count64Of(wire.more, 'limit more'),
  };
}

export function writeLimit(limit: ReachedLimit): WireLimit {
  return { ...limit, kind: limitKinds.write(limit.kind) };
}

export function failedOf(...parts: Parameters<typeof refusalOf>): Failed {
  return { kind: 'failed', ...refusalOf(...parts) };
}

/** What is absent has no key. */
export function refusalOf(
  code: ErrorCode,
  reason: string,
  step: FailedStep | undefined,
  limit: ReachedLimit | undefined,
  retryAfterMs: number,
): Refusal {
  return {
    code,
    reason,
    ...(step === undefined ? {} : { step }),
    ...(limit === undefined ? {} : { limit }),
    ...(retryAfterMs === 0 ? {} : { retryAfterMs }),
  };
}
