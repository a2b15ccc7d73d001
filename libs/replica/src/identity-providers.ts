import { FileInUseError } from '@paddock/link-grpc';
import { NODE_CLOCK, OperatorError } from '@paddock/node-runtime';
import type { Logger, ReplicaConfiguration, TokenSettings } from '@paddock/node-runtime';
import type { IdentityProvider } from '@paddock/session-core';
import { digestProvider } from './caller-identities.ts';
import { ModuleProvider } from './module-provider.ts';
import { TokenKeys } from './tokens/token-keys.ts';
import { TokenProvider } from './tokens/token-provider.ts';

/** How often the file of keys is looked at. */
const LOOK_MS = 10_000;

/** What proves identities by credentials, as the configuration has it. */
export interface OpenProviders {
  readonly providers: readonly IdentityProvider[];
  readonly stop: () => void;
}

/** Throws an OperatorError where a file cannot be used. */
export function openProviders(
  {
    superDigest,
    tokens,
    identityProviders,
  }: Pick<ReplicaConfiguration, 'superDigest' | 'tokens' | 'identityProviders'>,
  log: Logger,
): OpenProviders {
  const toldOfFault = (scheme: string): void =>
    log.error({ scheme }, 'a provider of identities returns no list of ids');
  const own = identityProviders.map((file) => ModuleProvider.load(file, toldOfFault));
  const twice = own.find(({ scheme }, i) => own.findIndex((it) => it.scheme === scheme) !== i);
  if (twice !== undefined) {
    throw new OperatorError(`"identityProviders": two of them are of the scheme "${twice.scheme}"`);
  }
  const providers = [digestProvider(superDigest), ...own];
  if (tokens === undefined) return { providers, stop: () => undefined };
  const keys = openKeys(tokens, log);
  const looking = setInterval(() => keys.reread(), LOOK_MS).unref();
  return {
    providers: [...providers, new TokenProvider(keys, tokens, NODE_CLOCK)],
    stop: () => clearInterval(looking),
  };
}

function openKeys({ keys: file }: TokenSettings, log: Logger): TokenKeys {
  let keys: TokenKeys;
  try {
    keys = new TokenKeys(file);
  } catch (error) {
    if (!(error instanceof FileInUseError)) throw error;
    throw new OperatorError(`"jwt.keys": ${error.message}`);
  }
  keys.onReread((reread) => {
    if (reread === 'changed') log.info('new keys of tokens are in use');
    else {
      log.error({ reason: reread.message }, 'new keys of tokens are not good: the old ones stay');
    }
  });
  return keys;
}
