import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './newcomer.ts';

/** A block of a document: what stands between two lines of backquotes. */
export interface CodeBlock {
  /** The document, relative to the root. */
  readonly document: string;
  /** Where it begins, from 1 on. */
  readonly line: number;
  readonly language: string;
  /** Behind the language: for those who read the source. */
  readonly remark: string;
  readonly text: string;
}

/** In the order of the document. */
export function codeBlocks(document: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { line: number; language: string; remark: string; lines: string[] } | null = null;
  readFileSync(join(root, document), 'utf8')
    .split('\n')
    .forEach((text, i) => {
      const fence = /^```(\S*)\s*(.*)$/.exec(text);
      if (fence === null) open?.lines.push(text);
      else if (open === null) {
        open = { line: i + 1, language: fence[1] ?? '', remark: fence[2] ?? '', lines: [] };
      } else {
        const { lines, ...rest } = open;
        blocks.push({ document, ...rest, text: `${lines.join('\n')}\n` });
        open = null;
      }
    });
  return blocks;
}

export function documents(): string[] {
  const found = globSync(['*.md', 'docs/**/*.md', 'libs/*/*.md', 'protos/*.md'], { cwd: root });
  return found.filter((it) => !it.includes('node_modules')).sort();
}

/** What stands behind each block in its document; undefined behind the last one. */
export function followers(blocks: readonly CodeBlock[]): ReadonlyMap<CodeBlock, CodeBlock> {
  return new Map(
    blocks.slice(1).flatMap((next, i) => {
      const block = blocks[i];
      return block?.document === next.document ? [[block, next] as const] : [];
    }),
  );
}
