// What must be true before any TypeScript of this repository can run: the packages of the lock file
// are installed, Node 24 is at hand and the contracts are generated. No dependency, and plain enough
// for the Node 20 that may come first on a user's path.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');
const condition = '--conditions=@paddock/source';
const nodeMajor = 24;
const progressMs = process.stderr.isTTY ? 250 : 5000;

/** A failure that its message explains: it is printed without a stack. */
export class BootstrapError extends Error {}

/** Installs and generates what is missing, and returns the Node and the environment to run with. */
export async function prepare() {
  if (!isInstalled()) await install();
  const node = findNode();
  const env = environment();
  if (contractsAreStale()) {
    console.error('paddock: generating the contracts');
    await run(node, [join(root, 'tools/generate/src/main.ts')], env);
  }
  return { node, env };
}

/** Starts a program of this repository on Node 24 and ends as it ends. */
export async function launch(script, args) {
  const { node, env } = await prepare();
  const child = spawn(node, [join(root, script), ...args], { stdio: 'inherit', env });
  forwardSignals(child);
  endAs(child);
}

/** Runs an entry point; a failure becomes one clear line and exit code 1. */
export async function main(entry) {
  try {
    await entry();
  } catch (error) {
    console.error(error instanceof BootstrapError ? `paddock: ${error.message}` : error);
    process.exitCode = 1;
  }
}

export function forwardSignals(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
}

export function environment() {
  const options = process.env.NODE_OPTIONS ?? '';
  return {
    ...process.env,
    PATH: join(modules, '.bin') + delimiter + (process.env.PATH ?? ''),
    NODE_OPTIONS: options.includes(condition) ? options : `${options} ${condition}`.trim(),
    // Stripping types and compiling is half of a start: what was compiled once is kept.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(modules, '.cache/paddock-compile'),
  };
}

/** The pinned Node if it is installed for this platform, else the running one if it is new enough. */
export function findNode() {
  const pinned = join(modules, '.bin/node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= nodeMajor) return process.execPath;
  throw new BootstrapError(
    `Node ${nodeMajor} is needed and no pinned one exists for ${process.platform}-${process.arch}; ` +
      `this is ${process.version}. Install Node ${nodeMajor} and try again.`,
  );
}

function endAs(child) {
  child.on('error', (error) => {
    console.error(`paddock: ${child.spawnfile} does not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    // To die of the same signal tells a shell the truth; our own handler must not catch it.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// The lock that npm leaves beside what it installed is compared with ours package by package: an
// install by hand counts, a pull that moved one version does not go unnoticed.
function isInstalled() {
  const installedLock = join(modules, '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const installed = packagesOf(installedLock);
  return Object.entries(packagesWanted()).every(([path, entry]) => {
    const found = installed[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.resolved === entry.resolved;
  });
}

// Those of the lock file, without our own projects and what is for other platforms.
function packagesWanted() {
  const entries = Object.entries(packagesOf(join(root, 'package-lock.json')));
  return Object.fromEntries(
    entries.filter(
      ([path, { os, cpu }]) =>
        path.startsWith('node_modules/') &&
        (os?.includes(process.platform) ?? true) &&
        (cpu?.includes(process.arch) ?? true),
    ),
  );
}

function packagesOf(lockPath) {
  return JSON.parse(readFileSync(lockPath, 'utf8')).packages;
}

async function install() {
  const total = Object.keys(packagesWanted()).length;
  console.error(`paddock: installing ${total} packages, once; this takes about half a minute`);
  const progress = setInterval(() => report(countInstalled(modules), total), progressMs);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath ?? '';
  // npm's own output goes to standard error: what a command prints may be read by a program.
  const [command, commandArgs] = npm.endsWith('npm-cli.js')
    ? [process.execPath, [npm, ...args]]
    : ['npm', args];
  try {
    await run(command, commandArgs, process.env);
  } finally {
    clearInterval(progress);
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
  console.error('paddock: installed');
}

function report(count, total) {
  const text = `paddock: installing, ${Math.min(count, total)} of about ${total} packages`;
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
}

function countInstalled(folder) {
  let count = 0;
  for (const name of namesIn(folder)) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    if (name.startsWith('@')) {
      count += countInstalled(path);
    } else {
      // npm makes all folders before it fills the first.
      if (existsSync(join(path, 'package.json'))) count += 1;
      count += countInstalled(join(path, 'node_modules'));
    }
  }
  return count;
}

// The folder changes under us while npm fills it.
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function contractsAreStale() {
  const generated = join(root, 'libs/contracts/gen/index.js');
  if (!existsSync(generated)) return true;
  const generatedMs = statSync(generated).mtimeMs;
  return ['protos', 'tools/generate/src'].some((it) => newestMs(join(root, it)) > generatedMs);
}

// Folders count too: to remove or rename a file touches only its folder.
function newestMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
    child.on('error', (error) =>
      reject(new BootstrapError(`${command} does not start: ${error.message}`)),
    );
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new BootstrapError(`${command} ${args.join(' ')} ended with ${signal ?? code}`));
    });
  });
}
