import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { guardStageDirectory, openStageDirectory } from '../src/data-directory.ts';

let data = '';

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'paddock-directory-'));
});

afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

describe('a data directory', () => {
  it('gives the stages of a replica one identity (H7)', () => {
    const broadcaster = openStageDirectory(data, 'broadcaster', 1);
    const database = openStageDirectory(data, 'database', 1);
    expect(database.identity).toEqual(broadcaster.identity);
    broadcaster.release();
    database.release();
  });

  it('keeps its identity when it is opened again', () => {
    const first = openStageDirectory(data, 'database', 1);
    first.release();
    const second = openStageDirectory(data, 'database', 1);
    expect(second.identity).toEqual(first.identity);
    second.release();
  });

  it('is locked against a second opening, and free after the release', () => {
    const first = openStageDirectory(data, 'database', 1);
    expect(() => openStageDirectory(data, 'database', 1)).toThrow(
      /in use by process \d+: stop that one/,
    );
    first.release();
    openStageDirectory(data, 'database', 1).release();
  });

  it('is taken over from a process that is gone', () => {
    openStageDirectory(data, 'database', 1).release();
    writeFileSync(join(data, 'database', 'lock'), '1 0\n');
    openStageDirectory(data, 'database', 1).release();
  });

  it('H7: is not served on by a process under which it was removed, and its successor keeps its lock', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const reasons: string[] = [];
    const opened = openStageDirectory(data, 'database', 1);
    const guarded = guardStageDirectory(opened, (reason) => reasons.push(reason));
    vi.advanceTimersByTime(5000);
    expect(reasons).toEqual([]);
    rmSync(opened.path, { recursive: true });
    mkdirSync(opened.path);
    writeFileSync(join(opened.path, 'lock'), '1 0\n');
    vi.advanceTimersByTime(5000);
    expect(reasons).toEqual([expect.stringContaining('was removed under this process')]);
    guarded.release();
    expect(readdirSync(opened.path)).toEqual(['lock']);
  });

  it('refuses another replica and touches nothing', () => {
    openStageDirectory(data, 'database', 1).release();
    const before = readdirSync(data);
    expect(() => openStageDirectory(data, 'broadcaster', 2)).toThrow('holds replica 1, not 2');
    expect(readdirSync(data)).toEqual(before);
  });

  it('refuses a newer format and touches nothing', () => {
    writeFileSync(join(data, 'identity.json'), '{"format":999,"future":true}');
    expect(() => openStageDirectory(data, 'database', 1)).toThrow('newer Paddock (format 999');
    expect(existsSync(join(data, 'database'))).toBe(false);
  });

  it('refuses to start a replica whose log is gone while the rest is there (H7)', () => {
    openStageDirectory(data, 'broadcaster', 1).release();
    openStageDirectory(data, 'database', 1).release();
    rmSync(join(data, 'broadcaster'), { recursive: true });
    expect(() => openStageDirectory(data, 'broadcaster', 1)).toThrow('is gone or empty');
  });

  it('refuses a place where no directory can be, and a file, in one line', () => {
    // The superuser may write anywhere by its permissions; this file system refuses all the same.
    expect(() => openStageDirectory('/proc/paddock', 'database', 1)).toThrow(
      /^cannot write to \/proc.*: give this user the right to, or serve from another --data$/,
    );
    const file = join(data, 'file');
    writeFileSync(file, '');
    expect(() => openStageDirectory(file, 'database', 1)).toThrow('is no directory');
    expect(() => openStageDirectory(join(file, 'in'), 'database', 1)).toThrow('is no directory');
  });

  it('is not begun beside the data of another replica (H7)', () => {
    openStageDirectory(data, 'database', 1).release();
    rmSync(join(data, 'identity.json'));
    const before = readdirSync(data);
    expect(() => openStageDirectory(data, 'broadcaster', 1)).toThrow('do not belong together');
    expect(readdirSync(data)).toEqual(before);
  });

  it('refuses directories of two replicas mixed together (H7)', () => {
    const other = mkdtempSync(join(tmpdir(), 'paddock-directory-'));
    openStageDirectory(data, 'database', 1).release();
    openStageDirectory(other, 'database', 1).release();
    rmSync(join(data, 'identity.json'));
    writeFileSync(
      join(data, 'identity.json'),
      '{"format":1,"clusterId":"c","replica":1,"incarnation":7}',
    );
    expect(() => openStageDirectory(data, 'database', 1)).toThrow('do not belong together');
    rmSync(other, { recursive: true, force: true });
  });
});
