const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A sentence of the contract for people: powers and minus signs as they are printed. */
export function prose(text: string): string {
  return text
    .replace(/\^(\d+)/g, (_, digits: string) =>
      digits.replace(/\d/g, (it) => SUPERSCRIPTS[Number(it)] ?? it),
    )
    .replace(/ - (?=\d)/g, ' − ')
    .replace(/(^|\s)-(?=\d)/g, '$1−');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** To the heading of that name on the page. */
export function link(name: string): string {
  return `[${name}](#${anchorOf(name)})`;
}

/** As GitHub makes it of a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/** Columns that say nothing in any row are left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const said = head.map((_, column) => rows.some((cells) => cells[column] !== ''));
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => {
    const kept = cells.filter((_, column) => said[column]);
    return `| ${kept.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  });
  return rows.length === 0 ? [] : [...lines, ''];
}
