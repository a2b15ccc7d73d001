import { styleText } from 'node:util';

const COLOURS = ['cyan', 'magenta', 'yellow', 'green', 'blue'] as const;

/** Prints what happens, with the time since the beginning, a colour a worker. */
export class Story {
  readonly #startedMs = performance.now();
  readonly #names: string[] = [];

  heading(text: string): void {
    this.#print(`\n${styleText('bold', text)}`);
  }

  tell(name: string, text: string): void {
    if (!this.#names.includes(name)) this.#names.push(name);
    const colour = COLOURS[this.#names.indexOf(name) % COLOURS.length] ?? 'cyan';
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(1).padStart(5);
    this.#print(
      `${styleText('dim', `${seconds} s`)}  ${styleText(colour, name.padEnd(8))} ${text}`,
    );
  }

  #print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
