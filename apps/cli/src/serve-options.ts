import { parseArgs } from 'node:util';
import {
  DEFAULT_PORTS,
  isStageName,
  OperatorError,
  reasonOf,
  STAGE_NAMES,
} from '@paddock/node-runtime';
import type { ForegroundOptions } from '@paddock/replica';

export interface EnsembleOptions {
  readonly kind: 'ensemble';
  readonly data: string;
  /** Undefined where the stored membership decides. */
  readonly replicas: number | undefined;
  readonly observers: number | undefined;
  readonly split: boolean;
  /** A backup that a new ensemble is founded with. */
  readonly restore: string | undefined;
  readonly grpcPort: number;
  readonly adminPort: number;
  readonly restart: boolean;
  /** One JSON line an event instead of text for people. */
  readonly json: boolean;
}

export type ServeOptions =
  | EnsembleOptions
  | ({ readonly kind: 'foreground' } & ForegroundOptions)
  | { readonly kind: 'help' };

export const DEFAULT_DATA = '.paddock';

export const SERVE_HELP = `Usage: paddock serve [options]             an ensemble on this machine
       paddock serve --config FILE [--stage NAME]
                                           one replica, or one stage of it, in the foreground

  --data DIR         where the data is kept                        (default ${DEFAULT_DATA})
  --replicas N       voters of a new ensemble; the stored number wins (default 3)
  --observers N      replicas that serve and do not vote, on top   (default as stored, or 0)
  --restore BACKUP   found the new ensemble with a file of "paddock backup"
  --split            every stage as a process of its own           (default: fused, a process a replica)
  --grpc-port N      for clients; replica k listens k-1 higher (default ${DEFAULT_PORTS.client}, 0: system's choice)
  --admin-port N     health and status over HTTP, likewise          (default ${DEFAULT_PORTS.admin}, 0: system's choice)
  --no-restart       do not start again a process that has died
  --json             what happens as JSON lines on standard output; the stages' log goes to standard error
  --config FILE      configuration of one replica, JSON
  --stage NAME       ${STAGE_NAMES.join(' | ')}
  --admin HOST:PORT  admin address of a foreground process, instead of the configuration's
  --insecure         with --config: listen beyond loopback without TLS, on a network that you trust
  -h, --help         this text

PADDOCK_LOG_LEVEL (debug, info, warn, error, silent) and PADDOCK_LOG_FORMAT (json, pretty) shape the log.
`;

const HIGHEST_PORT = 65_535;

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new OperatorError(
      `--${option} takes a whole number from ${least} to ${most}, not "${text}"`,
    );
  }
  return value;
}

/** What a configuration file says instead. */
const ENSEMBLE_OPTIONS = [
  'data',
  'replicas',
  'observers',
  'split',
  'restore',
  'grpc-port',
  'admin-port',
] as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        replicas: { type: 'string' },
        observers: { type: 'string' },
        split: { type: 'boolean' },
        restore: { type: 'string' },
        'grpc-port': { type: 'string' },
        'admin-port': { type: 'string' },
        restart: { type: 'boolean' },
        config: { type: 'string' },
        stage: { type: 'string' },
        admin: { type: 'string' },
        insecure: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowNegative: true,
    }).values;
  } catch (error) {
    throw new OperatorError(
      `${reasonOf(error).split('. ')[0] ?? ''}; "paddock serve --help" lists the options`,
    );
  }
}

export function parseServeOptions(args: readonly string[]): ServeOptions {
  const values = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.config === undefined) {
    if (values.stage !== undefined || values.admin !== undefined) {
      throw new OperatorError('--stage and --admin go with --config FILE');
    }
    if (values.insecure !== undefined) {
      throw new OperatorError(
        '--insecure goes with --config FILE: an ensemble on this machine listens on loopback alone',
      );
    }
    return {
      kind: 'ensemble',
      data: values.data ?? DEFAULT_DATA,
      replicas:
        values.replicas === undefined ? undefined : wholeNumber('replicas', values.replicas, 1, 99),
      observers:
        values.observers === undefined
          ? undefined
          : wholeNumber('observers', values.observers, 0, 99),
      split: values.split ?? false,
      restore: values.restore,
      grpcPort: wholeNumber(
        'grpc-port',
        values['grpc-port'] ?? String(DEFAULT_PORTS.client),
        0,
        HIGHEST_PORT,
      ),
      adminPort: wholeNumber(
        'admin-port',
        values['admin-port'] ?? String(DEFAULT_PORTS.admin),
        0,
        HIGHEST_PORT,
      ),
      restart: values.restart ?? true,
      json: values.json ?? false,
    };
  }
  const { stage } = values;
  if (stage !== undefined && !isStageName(stage)) {
    throw new OperatorError(
      `there is no stage "${stage}"; the stages are ${STAGE_NAMES.join(', ')}`,
    );
  }
  for (const option of ENSEMBLE_OPTIONS) {
    if (values[option] !== undefined) {
      throw new OperatorError(`--${option} does not go with --config: set it in the file`);
    }
  }
  return {
    kind: 'foreground',
    configuration: values.config,
    stage,
    admin: values.admin,
    insecure: values.insecure ?? false,
  };
}
