import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_FAULTS, FAULT_GROUPS, WITHOUT_FAULT } from './all-faults.ts';
import type { PlantedFault } from './planted-fault.ts';
import type { FaultRecord, Sighting } from './record.ts';
import { root } from './workspace-copy.ts';

export const PAGE = 'docs/PLANTED-FAULTS.md';

export function writePage(record: FaultRecord): void {
  writeFileSync(join(root, PAGE), pageOf(record));
}

/** The page, from what is planted and what was seen of it. */
export function pageOf(record: FaultRecord): string {
  const planted = FAULT_GROUPS.filter(({ faults }) => faults.length > 0);
  const sections = planted.flatMap(({ title, faults }) => [
    `## ${title}`,
    '',
    '| fault | breaks | first seed: checkers | test |',
    '| --- | --- | --- | --- |',
    ...faults.map((fault) => rowOf(fault, record.get(fault.id))),
    '',
  ]);
  return [...introduction(record), ...sections, ...rulesWithout()].join('\n').trimEnd() + '\n';
}

function introduction(record: FaultRecord): string[] {
  const bySeed = ALL_FAULTS.filter(({ id }) => isSeen(record.get(id))).length;
  const byTest = ALL_FAULTS.filter((it) => it.test !== undefined && !isSeen(record.get(it.id)));
  return [
    '# Planted faults',
    '',
    'A check that cannot fail shows nothing. Each fault below is one change of one place, kept in',
    '`tools/planted-faults/src/faults`. The tool plants it in a copy of the sources and runs the simulator from',
    'seed 1 on until a seed breaks a promise that it keeps without the fault; the tables have that seed, and the',
    'checkers that spoke. Where a test is named, it fails with the fault. A seed means the same run only on the same',
    'sources: `--verify` looks on where one no longer shows its fault. Seeds of a recipe are those of its users.',
    '',
    '| | |',
    '| --- | --- |',
    '| one fault | `npx nx run planted-faults:run -- --fault ID` |',
    '| all, at the recorded seeds and by their tests | `npx nx run planted-faults:run -- --all --verify` |',
    '| all anew, and this page | `npx nx run planted-faults:run -- --all --seeds 150 --write` |',
    '',
    `Of ${ALL_FAULTS.length} faults the simulator shows ${bySeed}. ${byTest.length} more are shown by a scripted test`,
    'alone: they need a coincidence that so few seeds do not bring, hide behind a second mechanism, or were not looked',
    'for by seeds yet.',
    'The tool writes this page (`--write`).',
    '',
  ];
}

function isSeen(sighting: Sighting | undefined): boolean {
  return sighting !== undefined && 'seed' in sighting;
}

function rowOf(planted: PlantedFault, seen?: Sighting): string {
  const { id, fault, breaks, recipe, test, unseen } = planted;
  const name = test === undefined ? '' : test.name.replaceAll('|', String.raw`\|`);
  const why = unseen === undefined ? '' : `: ${unseen}`;
  const of = recipe === undefined ? '' : ` (of \`${recipe}\`)`;
  return `| ${fault} (\`${id}\`) | ${breaks.join(', ')} | ${seenText(seen)}${of}${why} | ${name} |`;
}

function seenText(sighting: Sighting | undefined): string {
  if (sighting === undefined) return 'not run yet';
  if ('missedBy' in sighting) return `none of ${sighting.missedBy}`;
  const checkers = sighting.checkers.split(', ').map((it) => codeOf(it));
  return `${sighting.seed}: ${checkers.join(', ')}`;
}

function codeOf(checker: string): string {
  return checker.includes(' ') ? checker : `\`${checker}\``;
}

function rulesWithout(): string[] {
  const rules = Object.entries(WITHOUT_FAULT);
  if (rules.length === 0) return [];
  return ['## Rules without a fault', '', ...rules.map(([rule, why]) => `- ${rule}: ${why}`), ''];
}
