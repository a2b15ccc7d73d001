import { pino } from 'pino';
import type { Logger } from 'pino';
import { formatSessionId, formatZxid } from '@paddock/model';
import type { StageEvent } from '@paddock/model';

export type { Logger } from 'pino';

const COLOURS: Readonly<Record<number, string>> = { 20: '\u001b[90m', 30: '\u001b[32m', 40: '\u001b[33m', 50: '\u001b[31m' };
const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const LABELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** One line for people: time, level, stage, sentence, fields. */
export function prettyLine(json: string, colour: boolean): string {
  const { level, time, msg, replica, stage, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(json) as Record<
    string,
    unknown
  > & { level: number; time: number; msg?: string };
  const paint = (code: string, text: string): string => (colour ? code + text + RESET : text);
  const clock = new Date(time).toISOString().slice(11, 23);
  const where = [replica === undefined ? '' : `replica ${String(replica)}`, stage === undefined ? '' : String(stage)];
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [
    paint(DIM, clock),
    paint(COLOURS[level] ?? '', (LABELS[level] ?? String(level)).padEnd(5)),
    paint(DIM, where.filter((part) => part !== '').join(' ')),
    msg ?? '',
    paint(DIM, rest.join(' ')),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/**
 * JSON lines on standard output, or lines for people on a terminal. The level comes from PADDOCK_LOG_LEVEL
 * (debug, info, warn, error, silent), the form from PADDOCK_LOG_FORMAT (json, pretty).
 */
export function makeLogger(fields: Readonly<Record<string, unknown>>): Logger {
  const level = process.env['PADDOCK_LOG_LEVEL'] ?? 'info';
  const format = process.env['PADDOCK_LOG_FORMAT'] ?? (process.stdout.isTTY ? 'pretty' : 'json');
  const options = { level, base: fields };
  if (format !== 'pretty') return pino(options);
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  return pino(options, { write: (line: string) => void process.stdout.write(`${prettyLine(line, colour)}\n`) });
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
