import type { AdminServer } from '@paddock/node-runtime';
import { defaultAddress } from '@paddock/node-runtime';
import type { ServedProcess } from './serve-process.ts';
import type { ServedReplica } from './serve-replica.ts';

/** How `paddock serve` tells what happens: to people or to programs. */
export interface Voice {
  notice(text: string): void;
  waiting(replica: number, waitingFor: readonly string[]): void;
  serving(replicas: readonly ServedReplica[], admins: readonly AdminServer[], data: string): void;
  died(served: ServedProcess, description: string, restartInMs: number | undefined): void;
  servesAgain(served: ServedProcess): void;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function personVoice(): Voice {
  return {
    notice: print,
    waiting: (replica, waitingFor) =>
      print(`replica ${replica} is waiting for ${waitingFor.join(', ')}`),
    serving(replicas, admins, data) {
      const servers = replicas.map((replica) => replica.addresses.client ?? '').join(',');
      print('');
      for (const [index, replica] of replicas.entries()) {
        const admin = admins[index]?.address ?? '';
        print(
          `replica ${replica.replica}  clients ${replica.addresses.client ?? ''}  admin http://${admin}`,
        );
        for (const served of replica.processes) print(`  ${served.name}  pid ${served.pid ?? 0}`);
      }
      const flag = servers === defaultAddress('client', 1) ? '' : ` --server ${servers}`;
      print(`data in ${data}`);
      print('');
      print('Try, in another terminal:');
      print(`  npx paddock create /hello world${flag}`);
      print(`  npx paddock get /hello${flag}`);
      print(`  npx paddock watch /hello${flag}`);
      print('');
    },
    died: (served, description, restartInMs) =>
      print(
        restartInMs === undefined
          ? `${served.name} died (${description}); not started again (--no-restart)`
          : `${served.name} died (${description}); starting it again in ${restartInMs} ms`,
      ),
    servesAgain: (served) => print(`${served.name} is up again, pid ${served.pid ?? 0}`),
  };
}

export function jsonVoice(): Voice {
  const tell = (event: Record<string, unknown>): void => print(JSON.stringify(event));
  return {
    notice: (text) => tell({ event: 'notice', text }),
    waiting: (replica, waitingFor) => tell({ event: 'waiting', replica, waitingFor }),
    serving: (replicas, admins, data) =>
      tell({
        event: 'serving',
        data,
        replicas: replicas.map((replica, index) => ({
          id: replica.replica,
          endpoints: replica.addresses,
          admin: admins[index]?.address ?? null,
          processes: replica.processes.map((served) => ({
            name: served.name,
            pid: served.pid ?? null,
          })),
        })),
      }),
    died: (served, description, restartInMs) =>
      tell({ event: 'died', name: served.name, description, restartInMs: restartInMs ?? null }),
    servesAgain: (served) =>
      tell({ event: 'servesAgain', name: served.name, pid: served.pid ?? null }),
  };
}
