import { styleText } from 'node:util';
import { defaultAddress } from '@paddock/node-runtime';
import type { EnsembleAdmin } from './serve-admin.ts';
import type { ServedProcess } from './serve-process.ts';
import type { ServedReplica } from './serve-replica.ts';
import { DEFAULT_ADMINS } from './admin-address.ts';

/** What serves, as it is told once all of it does. */
export interface Served {
  readonly replicas: readonly ServedReplica[];
  readonly admin: EnsembleAdmin;
  readonly data: string;
  readonly leader: Leader;
}

export interface Leader {
  /** Null while nobody leads. */
  readonly replica: number | null;
  readonly epoch: number | null;
}

/** How `paddock serve` tells what happens: to people or to programs. */
export interface Voice {
  notice(text: string): void;
  starting(replicas: readonly ServedReplica[], data: string): void;
  waiting(replica: number, waitingFor: readonly string[]): void;
  serving(served: Served): void;
  /** Another one than before, or the same in a later epoch. */
  leads(leader: Leader): void;
  died(served: ServedProcess, description: string, restartInMs: number | undefined): void;
  servesAgain(served: ServedProcess): void;
}

/** Who waits, in front of what is waited for. */
const STAGE_IN_FRONT = /^[a-z0-9- ]+: /;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Coloured on a terminal only. */
function paint(style: 'bold' | 'dim' | 'green' | 'yellow' | 'red', text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function sizeOf(replicas: readonly ServedReplica[]): string {
  const observers = replicas.filter(({ role }) => role === 'observer').length;
  const beside = observers === 0 ? '' : ` and ${count(observers, 'observer')}`;
  return count(replicas.length - observers, 'replica') + beside;
}

function roleOf({ replica, role, isLate }: ServedReplica, leader: Leader): string {
  if (isLate) return 'down';
  if (replica === leader.replica) return 'leader';
  return role === 'observer' ? 'observer' : 'follower';
}

export function personVoice(): Voice {
  return {
    notice: print,
    starting: (replicas, data) => print(`starting ${sizeOf(replicas)}; data in ${data}`),
    // The first is what the others follow from.
    waiting: (replica, [cause = 'its stages']) =>
      print(paint('dim', `replica ${replica} waits: ${cause.replace(STAGE_IN_FRONT, '')}`)),
    serving(served) {
      print('');
      for (const replica of served.replicas) printReplica(replica, served);
      print('');
      printSuggestions(served);
      print('');
    },
    leads: ({ replica, epoch }) =>
      print(
        replica === null
          ? paint('yellow', 'nobody leads: writes wait until a majority of the voters is back')
          : `replica ${replica} leads, in epoch ${epoch ?? 0}`,
      ),
    died: (served, description, restartInMs) =>
      print(
        paint('yellow', `${served.name} died (${description})`) +
          (restartInMs === undefined
            ? '; not started again (--no-restart)'
            : `; starting it again in ${restartInMs} ms`),
      ),
    servesAgain: (served) => print(`${served.name} is up again, pid ${served.pid ?? 0}`),
  };
}

function printReplica(replica: ServedReplica, { admin, leader }: Served): void {
  const role = roleOf(replica, leader).padEnd('follower'.length);
  const [first, ...more] = replica.processes;
  const where = `clients ${replica.clients}  admin http://${admin.addressOf(replica)}`;
  const pid = more.length === 0 && !replica.isLate ? `  pid ${first?.pid ?? 0}` : '';
  const told = role.trim() === 'leader' ? paint('bold', role) : role;
  print(`replica ${replica.replica}  ${told}  ${where}${pid}`);
  if (more.length === 0) return;
  const pids = replica.processes.map(({ stage, pid: own }) => `${stage ?? ''} ${own ?? 0}`);
  print(paint('dim', `  pids: ${pids.join(', ')}`));
}

/** Three things to try, of which the last shows what the others are for. */
function printSuggestions({ replicas, admin, leader }: Served): void {
  const servers = replicas.map(({ clients }) => clients).join(',');
  const [first] = replicas;
  const adminOfFirst = first === undefined ? '' : admin.addressOf(first);
  const isDefault = first?.clients === defaultAddress('client', 1);
  const flag = isDefault ? '' : ` --server ${servers}`;
  const adminFlag = DEFAULT_ADMINS.includes(adminOfFirst) ? '' : ` --admin ${adminOfFirst}`;
  const leading = replicas.find(({ replica }) => replica === leader.replica);
  const pid = leading?.processes[0]?.pid ?? 0;
  const voters = replicas.filter(({ role }) => role === 'voter').length;
  const then = voters > 1 ? 'another one leads, and ' : '';
  print(`${paint('green', `replica ${leader.replica ?? 0} leads.`)} Try, in another terminal:`);
  print(`  npx paddock create /hello world${flag}`);
  print(`  npx paddock status${adminFlag}`);
  print(`  kill -9 ${pid}  ${paint('dim', `# the leader: ${then}it is started again`)}`);
  print('Ctrl-C stops.');
}

export function jsonVoice(): Voice {
  const tell = (event: Record<string, unknown>): void => print(JSON.stringify(event));
  return {
    notice: (text) => tell({ event: 'notice', text }),
    starting: (replicas, data) =>
      tell({ event: 'starting', data, replicas: replicas.map(({ replica }) => replica) }),
    waiting: (replica, waitingFor) => tell({ event: 'waiting', replica, waitingFor }),
    serving: ({ replicas, admin, data, leader }) =>
      tell({
        event: 'serving',
        data,
        leader: leader.replica,
        epoch: leader.epoch,
        replicas: replicas.map((replica) => ({
          id: replica.replica,
          role: roleOf(replica, leader),
          endpoints: replica.addresses,
          admin: admin.addressOf(replica),
          processes: replica.processes.map((served) => ({
            name: served.name,
            pid: served.pid ?? null,
          })),
        })),
      }),
    leads: ({ replica, epoch }) => tell({ event: 'leads', replica, epoch }),
    died: (served, description, restartInMs) =>
      tell({ event: 'died', name: served.name, description, restartInMs: restartInMs ?? null }),
    servesAgain: (served) =>
      tell({ event: 'servesAgain', name: served.name, pid: served.pid ?? null }),
  };
}
