import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '@paddock/node-runtime';
import { describe, expect, it } from 'vitest';
import { readBackup, writeBackup } from '../../src/backup-file.ts';
import { zxid } from '../stages/entries.ts';
import { fileOf, streamed, takenChunks, temporaryDirectory, ZNODES } from './backup-fixture.ts';

const CHUNKS = takenChunks();
const FILE = fileOf(CHUNKS);
const AT = zxid(ZNODES);

/** Why a file with these bytes is refused; its content where it is not. */
function read(bytes: Uint8Array): unknown {
  const file = join(temporaryDirectory(), 'backup');
  writeFileSync(file, bytes);
  try {
    return readBackup(file).content;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    expect(error.message).toContain(`${file} is no backup that can be used: `);
    return error.message.slice(error.message.indexOf('used: ') + 6);
  }
}

/** With one byte of the content changed, in the middle of the data of the znode with so many bytes of 50. */
function otherContent(): Uint8Array[] {
  const data = Buffer.alloc(400, 50);
  return CHUNKS.map((chunk) => {
    const at = Buffer.from(chunk).indexOf(data);
    return at < 0 ? chunk : chunk.with(at + 200, 51);
  });
}

describe('the file of a backup', () => {
  it('is what a database sends, and says what it holds', () => {
    expect(read(FILE)).toMatchObject({ zxid: AT, znodes: ZNODES - 1, sessions: 1, time: 1060 });
  });

  it('is refused where any byte of it has changed', () => {
    for (let i = 0; i < FILE.length; i += 97) {
      const value = FILE[i] ?? 0;
      expect(typeof read(FILE.with(i, value ^ 1)), `byte ${i}`).toBe('string');
    }
  });

  it('is refused where it is cut short anywhere, or something stands behind it', () => {
    for (const length of [0, 10, 23, 24, 30, FILE.length >> 1, FILE.length - 20, FILE.length - 1]) {
      expect(typeof read(FILE.subarray(0, length)), `${length} bytes`).toBe('string');
    }
    expect(read(Buffer.concat([FILE, Uint8Array.of(0)]))).toContain('stand behind its end');
  });

  it('P10: is refused where checksums hold and the rows do not come to the digests', () => {
    const wrong = otherContent();
    expect(wrong).not.toEqual(CHUNKS);
    expect(read(fileOf(wrong))).toContain('the znodes are not as written');
    expect(read(fileOf(CHUNKS, zxid(ZNODES + 1)))).toContain('is named 1.61');
    expect(read(fileOf(CHUNKS.slice(0, -1)))).toContain('is not complete');
  });

  it('H24: is refused as of another format where a newer version has written it', () => {
    const [header = new Uint8Array(0), ...rest] = CHUNKS;
    expect(read(fileOf([header.with(4, 9), ...rest]))).toContain('newer version');
    expect(read(fileOf([...CHUNKS, Uint8Array.of(99)]))).toContain('newer version');
  });

  it('is refused where there is none', () => {
    expect(() => readBackup('/nowhere/backup')).toThrow('/nowhere/backup is no backup that can');
  });
});

describe('writing a backup', () => {
  it('leaves the same bytes as a snapshot has, and nothing beside them', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'backup');
    const content = await writeBackup(file, AT, streamed(CHUNKS));
    expect(content).toMatchObject({ zxid: AT, znodes: ZNODES - 1 });
    expect(Uint8Array.from(readFileSync(file))).toEqual(Uint8Array.from(FILE));
    expect(readdirSync(directory)).toEqual(['backup']);
  });

  it('leaves what stood there before where what came is not sound', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'backup');
    writeFileSync(file, 'the one before');
    const written = writeBackup(file, AT, streamed(otherContent()));
    await expect(written).rejects.toThrow('the znodes are not as written');
    expect(readFileSync(file, 'utf8')).toBe('the one before');
    expect(readdirSync(directory)).toEqual(['backup']);
  });

  it('leaves nothing where it breaks off', async () => {
    const directory = temporaryDirectory();
    const broken = (async function* () {
      yield* streamed(CHUNKS.slice(0, 1));
      throw new Error('it broke off');
    })();
    const written = writeBackup(join(directory, 'backup'), AT, broken);
    await expect(written).rejects.toThrow('it broke off');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('says so where the disk is full', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'backup');
    symlinkSync('/dev/full', `${file}.partial`);
    const written = writeBackup(file, AT, streamed(CHUNKS));
    await expect(written).rejects.toThrow(OperatorError);
    await expect(written).rejects.toThrow(/cannot write .*backup: .*(ENOSPC|no space)/u);
    expect(readdirSync(directory)).toEqual([]);
  });
});
