import { Writable } from 'node:stream';
import { Output } from '../src/output.ts';

/** Takes what is written, and is no terminal. */
export function recorder(): { output: Output; text: () => string } {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const output = new Output(false, stream, stream);
  return { output, text: () => text };
}
