import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES } from '@paddock/model';
import { expect, it } from 'vitest';
import { isRetryable, isPaddockErrorCode } from '../src/paddock-error-code.ts';

const PAGE = fileURLToPath(new URL('../../../docs/ERRORS.md', import.meta.url));

it('every code is on the page of errors, with whether it is to be tried again', () => {
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)];
  const said = new Map(rows.map(([, code = '', retryable = '']) => [code, retryable]));
  const codes = [...Object.keys(ERROR_CODES), 'aborted', 'invalidValue'].filter((it) =>
    isPaddockErrorCode(it),
  );
  expect([...said.keys()].sort()).toEqual([...codes].sort());
  for (const code of codes) {
    const [known, open] = [isRetryable(code, false), isRetryable(code, true)];
    const expected = known && open ? 'yes' : known ? 'unless it may have taken effect' : 'no';
    expect({ code, retryable: said.get(code) }).toEqual({ code, retryable: expected });
  }
});
