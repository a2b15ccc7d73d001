import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  membersOf,
  readEnsembleDirectory,
  takeEnsembleDirectory,
} from '../src/serve-ensemble-directory.ts';

let folder = '';
let data = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paddock-cli-'));
  data = join(folder, 'data');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const NOTHING = { replicas: undefined, observers: undefined };

/** As `paddock serve` does: reads, chooses, takes, and lets go. */
async function serve(wanted: { replicas?: number; observers?: number } = {}) {
  const directory = readEnsembleDirectory(data, { ...NOTHING, ...wanted });
  const members = await membersOf(directory);
  takeEnsembleDirectory(directory, members)();
  return { members, notices: directory.notices };
}

describe('the directory of an ensemble', () => {
  it('is of three voters where it is new, and nothing is written before it is taken', async () => {
    const directory = readEnsembleDirectory(data, NOTHING);
    expect(directory).toMatchObject({ replicas: 3, observers: 0, members: [], notices: [] });
    expect(() => readFileSync(join(data, 'ensemble.json'))).toThrow('ENOENT');
    const { members } = await serve();
    expect(members.map(({ role }) => role)).toEqual(['voter', 'voter', 'voter']);
    expect(new Set(members.map(({ address }) => address)).size).toBe(3);
  });

  it('keeps its voters and where they are dialled, whatever is asked for', async () => {
    const { members } = await serve({ replicas: 3 });
    const again = await serve({ replicas: 5 });
    expect(again.members).toEqual(members);
    expect(again.notices).toEqual([
      `${data} holds an ensemble of 3, so --replicas 5 is not followed`,
    ]);
  });

  it('has observers behind the voters, which may come and go', async () => {
    const { members } = await serve();
    const more = await serve({ observers: 2 });
    expect(more.members.slice(0, 3)).toEqual(members);
    expect(more.members.slice(3).map(({ role }) => role)).toEqual(['observer', 'observer']);
    expect((await serve()).members).toEqual(more.members);
    expect((await serve({ observers: 0 })).members).toEqual(members);
  });

  it('of one replica stays that, as an older version wrote it', async () => {
    mkdirSync(data);
    const file = join(data, 'ensemble.json');
    writeFileSync(file, '{"format":1,"replicas":1}\n');
    const { members, notices } = await serve({ replicas: 3, observers: 1 });
    expect(members).toEqual([]);
    expect(notices).toEqual([
      `${data} holds an ensemble of 1, so --replicas 3 is not followed`,
      `${data} was founded as an ensemble of one, so --observers 1 is not followed`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe('{"format":1,"replicas":1}\n');
  });
});
