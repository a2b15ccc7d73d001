import {
  makeLogger,
  readConfiguration,
  startAdminServer,
  stopRequested,
} from '@paddock/node-runtime';
import { startReplica, startStage } from '@paddock/replica';
import type { ForegroundOptions } from './serve-options.ts';
import type { ListeningMessage } from './serve-process.ts';

/** Runs one replica, or one stage of it, until it is asked to stop or can't go on. */
export async function serveForeground(options: ForegroundOptions): Promise<number> {
  const configuration = readConfiguration(options.configuration);
  const log = makeLogger({ replica: configuration.replica });
  let failed: (reason: string) => void = () => undefined;
  const failure = new Promise<string>((resolve) => (failed = resolve));
  const running =
    options.stage === undefined
      ? await startReplica(configuration, { log, failed })
      : await startStage(configuration, options.stage, { log, failed });
  const admin = await startAdminServer(options.admin ?? running.adminAddress, {
    health: () => running.health(),
    status: () => ({ replica: configuration.replica, pid: process.pid, ...running.status() }),
  });
  const message: ListeningMessage = {
    kind: 'listening',
    addresses: running.addresses,
    admin: admin.address,
  };
  log.info(
    { ...message.addresses, admin: admin.address, dataDirectory: configuration.dataDirectory },
    'listening',
  );
  process.send?.(message);
  // The parent is gone without a word: nobody would ever stop this process.
  process.once('disconnect', () => failed('the process that supervises this one is gone'));
  const end = await Promise.race([
    stopRequested().then((signal) => ({ code: 0, reason: `asked to stop by ${signal}` })),
    failure.then((reason) => ({ code: 1, reason })),
  ]);
  log[end.code === 0 ? 'info' : 'error']({ reason: end.reason }, 'stopping');
  admin.close();
  await running.stop();
  if (process.connected) process.disconnect();
  return end.code;
}
