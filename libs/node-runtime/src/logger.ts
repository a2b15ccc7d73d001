import { pino } from 'pino';
import type { Logger } from 'pino';
import { formatSessionId, formatZxid } from '@paddock/model';
import type { StageEvent } from '@paddock/model';
import { z } from 'zod';
import { logEnvironment } from './environment.ts';

export type { Logger } from 'pino';

const COLOURS: Readonly<Record<number, string>> = {
  20: '\u001b[90m',
  30: '\u001b[32m',
  40: '\u001b[33m',
  50: '\u001b[31m',
};
const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const LABELS: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

const line = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().default(''),
  replica: z.number().optional(),
  stage: z.string().optional(),
});

/** One line for people: time, level, stage, sentence, fields. */
export function prettyLine(json: string, colour: boolean): string {
  const { level, time, msg, replica, stage, ...fields } = line.parse(JSON.parse(json));
  const paint = (code: string, text: string): string => (colour ? code + text + RESET : text);
  const where = [replica === undefined ? '' : `replica ${replica}`, stage ?? ''].filter(
    (part) => part !== '',
  );
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [
    paint(DIM, new Date(time).toISOString().slice(11, 23)),
    paint(COLOURS[level] ?? '', (LABELS[level] ?? String(level)).padEnd(5)),
    paint(DIM, where.join(' ')),
    msg,
    paint(DIM, rest.join(' ')),
  ].join(' ');
}

/** JSON lines on standard output, or lines for people on a terminal; PADDOCK_LOG_LEVEL and _FORMAT shape it. */
export function makeLogger(fields: Readonly<Record<string, unknown>>): Logger {
  const { level, format, colour } = logEnvironment();
  const options = { level, base: fields };
  if (format === 'json') return pino(options);
  return pino(options, {
    write: (json: string) => void process.stdout.write(`${prettyLine(json, colour)}\n`),
  });
}

/** Writes what a core has said of itself. */
export function logStageEvent(log: Logger, event: StageEvent): void {
  log[event.level](
    {
      ...event.detail,
      ...(event.epoch === undefined ? {} : { epoch: event.epoch }),
      ...(event.zxid === undefined ? {} : { zxid: formatZxid(event.zxid) }),
      ...(event.session === undefined ? {} : { session: formatSessionId(event.session) }),
    },
    event.message,
  );
}
