// `nx serve <stage>`: runs one main.ts and starts it again when a source changes.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { BootstrapError, main, prepare, root } from './prepare.mjs';

const settleMs = 100;
const stopMs = 5000;

await main(async () => {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) throw new BootstrapError('dev.mjs needs the path of a main.ts');
  const { node, env } = await prepare();
  serve(node, [resolve(script), ...args], env, watchedFolders(resolve(script, '..')));
});

function serve(node, args, env, folders) {
  let child = start();
  let restarting = false;
  let ending = false;
  let timer;

  for (const folder of folders) watch(folder, changed);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal));

  function start() {
    const started = spawn(node, args, { stdio: 'inherit', env });
    started.on('exit', (code, signal) => ended(code, signal));
    return started;
  }

  function changed(event, name) {
    // An editor's own files come and go in the same folders.
    if (name !== null && !/\.(ts|js|json)$/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(restart, settleMs, name);
  }

  function restart(name) {
    if (ending || restarting) return;
    console.error(`paddock: ${name ?? 'a source'} changed, restarting`);
    if (child === undefined) {
      child = start();
      return;
    }
    restarting = true;
    stop('SIGTERM');
  }

  function end(signal) {
    ending = true;
    if (child === undefined) process.exit(0);
    stop(signal);
  }

  function stop(signal) {
    const stopped = child;
    stopped.kill(signal);
    setTimeout(() => stopped.kill('SIGKILL'), stopMs).unref();
  }

  function ended(code, signal) {
    child = undefined;
    if (restarting && !ending) {
      restarting = false;
      child = start();
    } else if (ending || code === 0) {
      process.exit(code ?? 0);
    } else {
      console.error(`paddock: ended with ${signal ?? code}; waiting for a source to change`);
    }
  }
}

// One watcher a folder, none recursive: watching a file loses it after one rename-style save.
function watchedFolders(own) {
  const libraries = readdirSync(join(root, 'libs')).flatMap((name) => [
    join(root, 'libs', name, 'src'),
    join(root, 'libs', name, 'gen'),
  ]);
  return [own, ...libraries].filter(existsSync).flatMap(withSubfolders);
}

function withSubfolders(folder) {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isDirectory());
  return [folder, ...inside.flatMap((it) => withSubfolders(join(folder, it.name)))];
}
