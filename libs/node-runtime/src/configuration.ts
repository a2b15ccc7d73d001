import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import type { Limits, Timing } from '@paddock/model';
import { z } from 'zod';
import { parseAddress } from './address.ts';
import { defaultAddress } from './default-addresses.ts';
import type { Endpoint } from './default-addresses.ts';
import { ensembleFault, ensembleSchema, HIGHEST_REPLICA } from './ensemble-members.ts';
import type { EnsembleMember } from './ensemble-members.ts';
import { insecureAddress } from './insecure-addresses.ts';
import { OperatorError } from './operator-error.ts';
import { reasonOf } from './thrown.ts';
import { replicaTls, tlsSchema } from './tls-files.ts';
import type { ReplicaTls } from './tls-files.ts';
import { tokenSettings, tokensSchema } from './token-settings.ts';
import type { TokenSettings } from './token-settings.ts';

/** One replica, or one stage of it: the same file describes both topologies. */
export interface ReplicaConfiguration {
  /** Number of the replica in its ensemble, from 1 on. */
  readonly replica: number;
  readonly dataDirectory: string;
  /** "host:port" that each endpoint listens on; port 0 lets the system choose. */
  readonly addresses: Readonly<Record<Endpoint, string>>;
  /** Allows addresses beyond loopback without TLS. */
  readonly insecure: boolean;
  readonly tls: ReplicaTls;
  /** "super:hash", the identity of the scheme digest that may do everything; undefined: nobody is super. */
  readonly superDigest: string | undefined;
  /** Undefined: no bearer token proves anything. */
  readonly tokens: TokenSettings | undefined;
  /** Modules that prove identities, by their absolute paths. */
  readonly identityProviders: readonly string[];
  /** All replicas, this one too; none: an ensemble of one. */
  readonly ensemble: readonly EnsembleMember[];
  readonly limits: Limits;
  readonly timing: Timing;
}

const address = z
  .string()
  .refine(
    (text) => parseAddress(text) !== undefined,
    'must be "host:port", for instance "127.0.0.1:2191"',
  );

const wholeNumber = z.int().min(1);
const numberOrNone = z.int().min(0);

/** Every key of `defaults` as an optional whole number, from 1 on; from 0 on where that, for none, is the default. */
function numbersOver<T extends object>(defaults: T) {
  const keys = new Map(Object.entries(defaults));
  return z
    .record(z.string(), numberOrNone)
    .superRefine((values, context) => {
      for (const [key, value] of Object.entries(values)) {
        if (!keys.has(key)) {
          context.addIssue({ code: 'custom', path: [key], message: unknownKey(keys) });
        } else if (value === 0 && keys.get(key) !== 0) {
          context.addIssue({ code: 'custom', path: [key], message: 'must be at least 1' });
        }
      }
    })
    .transform((values): T => ({ ...defaults, ...values }))
    .prefault({});
}

function unknownKey(known: ReadonlyMap<string, unknown>): string {
  return `is not known here; the keys are ${[...known.keys()].join(', ')}`;
}

const endpoints = z.strictObject({
  client: address.optional(),
  requestProcessor: address.optional(),
  zabBroadcaster: address.optional(),
  replicatedDatabase: address.optional(),
  admin: address.optional(),
  sessionFrontendAdmin: address.optional(),
  requestProcessorAdmin: address.optional(),
  zabBroadcasterAdmin: address.optional(),
  replicatedDatabaseAdmin: address.optional(),
});

const fileSchema = z.strictObject({
  replica: wholeNumber.max(HIGHEST_REPLICA).default(1),
  dataDirectory: z.string().min(1).default('.paddock/replica-1'),
  addresses: endpoints.default({}),
  insecure: z.boolean().default(false),
  tls: tlsSchema.default({}),
  superDigest: z
    .string()
    .regex(
      /^super:[A-Za-z0-9+/]{27}=$/,
      'must be "super:" and the SHA-1 of "super:password" in base64',
    )
    .optional(),
  jwt: tokensSchema.optional(),
  identityProviders: z.array(z.string().min(1)).default([]),
  ensemble: ensembleSchema.optional(),
  limits: numbersOver(DEFAULT_LIMITS),
  timing: numbersOver(DEFAULT_TIMING),
});

export type ConfigurationFile = z.input<typeof fileSchema>;

/** What a command line says over the file. */
export interface ConfigurationOverrides {
  readonly insecure?: boolean;
}

/** Fills defaults in and checks everything; throws an OperatorError that names the key. Paths start at `base`. */
export function parseConfiguration(
  input: unknown,
  source: string,
  base = process.cwd(),
  overrides: ConfigurationOverrides = {},
): ReplicaConfiguration {
  const parsed = fileSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue === undefined ? '' : issue.path.join('.');
    throw new OperatorError(
      `${source}: ${key === '' ? '' : `"${key}": `}${issue?.message ?? 'not valid'}`,
    );
  }
  const file = parsed.data;
  const ensemble = checkEnsemble(file, source);
  const chosen = (endpoint: Endpoint): string =>
    file.addresses[endpoint] ?? defaultAddress(endpoint, file.replica);
  const addresses = {
    client: chosen('client'),
    requestProcessor: chosen('requestProcessor'),
    zabBroadcaster:
      ensemble.find(({ replica }) => replica === file.replica)?.address ?? chosen('zabBroadcaster'),
    replicatedDatabase: chosen('replicatedDatabase'),
    admin: chosen('admin'),
    sessionFrontendAdmin: chosen('sessionFrontendAdmin'),
    requestProcessorAdmin: chosen('requestProcessorAdmin'),
    zabBroadcasterAdmin: chosen('zabBroadcasterAdmin'),
    replicatedDatabaseAdmin: chosen('replicatedDatabaseAdmin'),
  };
  const tls = replicaTls(file.tls, base);
  const insecure = overrides.insecure ?? file.insecure;
  const fault = insecure ? undefined : insecureAddress({ addresses, ensemble, tls });
  if (fault !== undefined) throw new OperatorError(`${source}: ${fault}`);
  const { limits, timing } = file;
  checkTogether(limits, timing, source);
  return {
    replica: file.replica,
    dataDirectory: isAbsolute(file.dataDirectory)
      ? file.dataDirectory
      : resolve(base, file.dataDirectory),
    addresses,
    insecure,
    tls,
    superDigest: file.superDigest,
    tokens: tokenSettings(file.jwt, base),
    identityProviders: file.identityProviders.map((it) => resolve(base, it)),
    ensemble,
    limits,
    timing,
  };
}

function checkEnsemble(
  file: z.output<typeof fileSchema>,
  source: string,
): readonly EnsembleMember[] {
  const { ensemble, replica, addresses } = file;
  if (ensemble === undefined) return [];
  const fault = ensembleFault(ensemble, replica);
  if (fault !== undefined) throw new OperatorError(`${source}: "ensemble": ${fault}`);
  const own = ensemble.find((member) => member.replica === replica)?.address;
  const { zabBroadcaster } = addresses;
  if (zabBroadcaster !== undefined && zabBroadcaster !== own) {
    throw new OperatorError(
      `${source}: "addresses.zabBroadcaster": ${zabBroadcaster} is not where "ensemble" says that replica ${replica} ` +
        `is dialled (${own ?? ''}); leave it out, or write the same`,
    );
  }
  return ensemble;
}

function checkTogether(limits: Limits, timing: Timing, source: string): void {
  const refuse = (key: string, message: string): never => {
    throw new OperatorError(`${source}: "${key}": ${message}`);
  };
  if (limits.windowCount < limits.outstandingPerSession) {
    refuse(
      'limits.windowCount',
      `must not be below limits.outstandingPerSession (${limits.outstandingPerSession})`,
    );
  }
  if (limits.requestBytes <= limits.znodeDataBytes) {
    refuse('limits.requestBytes', `must be above limits.znodeDataBytes (${limits.znodeDataBytes})`);
  }
  if (limits.linkMessageBytes < 2 * limits.requestBytes) {
    refuse(
      'limits.linkMessageBytes',
      `must be at least twice limits.requestBytes (${limits.requestBytes})`,
    );
  }
  if (limits.ephemeralBytesPerSession >= limits.requestBytes) {
    refuse(
      'limits.ephemeralBytesPerSession',
      `must be below limits.requestBytes (${limits.requestBytes})`,
    );
  }
  if (timing.leaderLostMs < 2 * timing.tickMs) {
    refuse(
      'timing.leaderLostMs',
      `must be at least two ticks (${2 * timing.tickMs}), as a leader is heard of every tick`,
    );
  }
  if (timing.staleReadsMs < 2 * timing.tickMs) {
    refuse(
      'timing.staleReadsMs',
      `must be at least two ticks (${2 * timing.tickMs}), as freshness is asked for every tick`,
    );
  }
  if (timing.sessionTimeoutMinMs < 2 * timing.tickMs) {
    refuse('timing.sessionTimeoutMinMs', `must be at least two ticks (${2 * timing.tickMs})`);
  }
  if (timing.sessionTimeoutMaxMs < timing.sessionTimeoutMinMs) {
    refuse(
      'timing.sessionTimeoutMaxMs',
      `must not be below timing.sessionTimeoutMinMs (${timing.sessionTimeoutMinMs})`,
    );
  }
}

export function readConfiguration(
  file: string,
  overrides: ConfigurationOverrides = {},
): ReplicaConfiguration {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError(`cannot read the configuration ${file}: ${reasonOf(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new OperatorError(`${file} is not JSON: ${reasonOf(error)}`);
  }
  return parseConfiguration(value, file, resolve(file, '..'), overrides);
}
