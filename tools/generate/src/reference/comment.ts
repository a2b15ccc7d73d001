/** A comment of the contract: its prose, and what its last lines say in a form that is parsed. */
export interface Comment {
  /** In one line; empty where there is no comment. */
  readonly text: string;
  /** Behind "Range:", with the unit and without the full stop; null where there is no such line. */
  readonly range: string | null;
  /** Behind "Errors:", as the comment names them; null where there is no such line. */
  readonly errors: readonly string[] | null;
}

type Part = 'text' | 'Range' | 'Errors';

/** A part begins at the start of a line and goes on to the next one, so that it may be wrapped. */
export function readComment(comment: string | null): Comment {
  const said: Record<Part, string[]> = { text: [], Range: [], Errors: [] };
  let part: Part = 'text';
  for (const line of (comment ?? '').split('\n')) {
    const [, name, rest] = /^(Range|Errors): (.*)$/.exec(line) ?? [];
    if (name === 'Range' || name === 'Errors') part = name;
    said[part].push((rest ?? line).trim());
  }
  return {
    text: joined(said.text),
    range: said.Range.length === 0 ? null : withoutStop(joined(said.Range)),
    errors: said.Errors.length === 0 ? null : withoutStop(joined(said.Errors)).split(/,\s*/),
  };
}

function joined(lines: readonly string[]): string {
  return lines.join(' ').trim();
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
