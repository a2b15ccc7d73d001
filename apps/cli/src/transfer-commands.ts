import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { withClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { readDirectory, writeDirectory } from './tree-directory.ts';
import { countNodes, treeFromJson, treeToJson } from './tree-node.ts';
import type { TreeNode } from './tree-node.ts';
import { exportTree, importTree } from './tree-transfer.ts';

export interface ImportFlags {
  readonly at: string;
}

export function importFrom(
  context: CommandContext,
  source: string,
  flags: ImportFlags,
): Promise<void> {
  const { output } = context;
  const tree = readSource(source);
  const total = countNodes(tree);
  return withClient(context, async (client) => {
    const { created, updated } = await importTree(client, flags.at, tree, (done) => {
      output.progress(`importing ${done} of ${total} znodes`);
    });
    output.progress('');
    const line = `${created} created, ${updated} updated at ${flags.at}`;
    output.result({ at: flags.at, created, updated }, line);
  });
}

/** Reads all of it before anything is sent: a bad file changes nothing. */
function readSource(source: string): TreeNode {
  try {
    if (source !== '-' && statSync(source).isDirectory()) return readDirectory(source);
    const text = readFileSync(source === '-' ? 0 : source, 'utf8');
    return treeFromJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(EXIT.usage, `cannot read ${source}: ${message}`);
  }
}

export interface ExportFlags {
  /** Standard output if it is missing or "-"; a name that ends in .json is a file, any other a folder. */
  readonly to?: string;
}

export function exportTo(context: CommandContext, path: string, flags: ExportFlags): Promise<void> {
  const { output } = context;
  const target = flags.to ?? '-';
  return withClient(context, async (client) => {
    const exported = await exportTree(client, path, {
      depth: Infinity,
      withEphemerals: false,
      progress: (done) => output.progress(`exporting, ${done} znodes so far`),
    });
    output.progress('');
    write(target, exported.tree, output);
    const left = exported.ephemerals === 0 ? '' : `, ${exported.ephemerals} ephemeral left out`;
    if (target === '-') return;
    const line = `${exported.count} znodes of ${path} in ${target}${left}`;
    output.result(
      { path, to: target, znodes: exported.count, ephemerals: exported.ephemerals },
      line,
    );
  });
}

function write(target: string, tree: TreeNode, output: { line(text: string): void }): void {
  if (target === '-') {
    output.line(JSON.stringify(treeToJson(tree), null, 2));
    return;
  }
  try {
    if (!target.endsWith('.json')) {
      writeDirectory(target, tree);
      return;
    }
    const temporary = `${target}.partial`;
    writeFileSync(temporary, `${JSON.stringify(treeToJson(tree), null, 2)}\n`);
    renameSync(temporary, target);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(EXIT.usage, `cannot write ${target}: ${message}`);
  }
}
