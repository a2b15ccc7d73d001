import type { Writable } from 'node:stream';
import { stripVTControlCharacters, styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Standard output or error: a terminal or not. */
export type OutputStream = Writable & { readonly isTTY?: boolean };

/** Where a command writes: results to standard output, everything else to standard error. */
export class Output {
  readonly isJson: boolean;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;

  constructor(isJson: boolean, stdout: OutputStream, stderr: OutputStream) {
    this.isJson = isJson;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  get isTerminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** One line for people, or its value as JSON for programs. */
  result(value: unknown, line: string): void {
    this.line(this.isJson ? JSON.stringify(value) : line);
  }

  line(text: string): void {
    this.#stdout.write(`${text}\n`);
  }

  bytes(data: Uint8Array): void {
    this.#stdout.write(data);
  }

  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /** Overwrites itself on a terminal, and is left out elsewhere. */
  progress(text: string): void {
    if (this.#stderr.isTTY === true) this.#stderr.write(`\r\u001b[K${text}`);
  }

  /** Coloured on a terminal only. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stdout });
  }
}

/** Columns as wide as their widest cell; cells may be coloured. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
