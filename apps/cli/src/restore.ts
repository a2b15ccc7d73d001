import { parseArgs } from 'node:util';
import { formatZxid } from '@paddock/client';
import { OperatorError, readConfiguration, reasonOf } from '@paddock/node-runtime';
import { restoreReplica } from '@paddock/replica';

const HELP = `Usage: paddock restore BACKUP --config FILE

Founds the data directory of one new replica with a backup; it must not hold one yet. Do so with the same
backup for every voter of the new ensemble, each with its own configuration file, then start them.
For an ensemble on this machine: paddock serve --restore BACKUP --data DIR
`;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new OperatorError(reasonOf(error));
  }
}

/** `paddock restore`: returns the exit code; throws an OperatorError for what the person can put right. */
export async function restore(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0 || values.config === undefined) {
    throw new OperatorError('paddock restore takes a backup and --config FILE');
  }
  const { replica, dataDirectory, ensemble } = readConfiguration(values.config);
  const { backup, begins } = await restoreReplica(file, { replica, dataDirectory, ensemble });
  process.stdout.write(
    `replica ${replica} in ${dataDirectory}: ${backup.znodes} znodes of ${formatZxid(backup.zxid)}; ` +
      `it begins at ${formatZxid(begins)}\n`,
  );
  return 0;
}
