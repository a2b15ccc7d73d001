import { shortened } from './text.ts';

declare const pathBrand: unique symbol;

/** An absolute path of a znode that has passed parseZnodePath; "/" is the root. */
export type ZnodePath = string & { readonly [pathBrand]: true };

export const ROOT = '/' as ZnodePath;

/**
 * ZooKeeper bounds a path by its packet alone, which is none that a refusal can name a path in. This is the longest
 * that a file system takes (PATH_MAX), so that nothing that was laid out as files is refused: some two thousand levels,
 * and 12 KiB of UTF-8.
 */
export const PATH_LENGTH_MAX = 4096;
/** Digits of the largest counter, which become part of a sequential znode's path. */
const COUNTER_DIGITS = 16;

export type PathParse =
  { readonly ok: true; readonly path: ZnodePath } | { readonly ok: false; readonly reason: string };

const SLASH = 0x2f;
const DOT = 0x2e;

/** ZooKeeper's forbidden characters: controls, surrogates and private use, and the last sixteen of the plane. */
function isForbidden(unit: number): boolean {
  return (
    unit <= 0x1f ||
    (unit >= 0x7f && unit <= 0x9f) ||
    (unit >= 0xd800 && unit <= 0xf8ff) ||
    unit >= 0xfff0
  );
}

function refuse(reason: string): PathParse {
  return { ok: false, reason };
}

/**
 * Checks a path by ZooKeeper's rules. `sequential` allows a trailing "/", since the counter becomes the last name.
 * The reason of a refusal names the offending position and what would be right.
 */
export function parseZnodePath(text: string, sequential = false): PathParse {
  const length = text.length;
  const most = sequential ? PATH_LENGTH_MAX - COUNTER_DIGITS : PATH_LENGTH_MAX;
  if (length > most) {
    const of = sequential ? 'that of a sequential znode' : 'a path';
    return refuse(`the path has ${length} characters; ${of} has at most ${most}`);
  }
  if (length === 0) return refuse('the path is empty; a path starts with "/"');
  if (text.charCodeAt(0) !== SLASH) {
    return refuse(`the path ${quoted(text)} does not start with "/"`);
  }
  if (length === 1) return { ok: true, path: text as ZnodePath };
  let nameStart = 1;
  for (let i = 1; i <= length; i++) {
    const unit = i === length ? SLASH : text.charCodeAt(i);
    if (unit !== SLASH) {
      if (isForbidden(unit)) {
        return refuse(`the path has the forbidden character U+${hex(unit)} at ${i}`);
      }
      continue;
    }
    const nameLength = i - nameStart;
    if (nameLength === 0 && !(i === length && sequential)) {
      return refuse(
        i === length
          ? `the path ${quoted(text)} ends with "/"`
          : `the path ${quoted(text)} has an empty name at ${i}`,
      );
    }
    if (isDots(text, nameStart, nameLength)) {
      return refuse(`the path ${quoted(text)} has a relative name at ${nameStart}`);
    }
    nameStart = i + 1;
  }
  return { ok: true, path: text as ZnodePath };
}

function isDots(text: string, start: number, length: number): boolean {
  if (length === 0 || length > 2) return false;
  if (text.charCodeAt(start) !== DOT) return false;
  return length === 1 || text.charCodeAt(start + 1) === DOT;
}

function hex(unit: number): string {
  return unit.toString(16).toUpperCase().padStart(4, '0');
}

const QUOTED_MAX = 100;

function quoted(text: string): string {
  return `"${shortened(text, QUOTED_MAX)}"`;
}

/** The parent's path; the root has none. */
export function parentPath(path: ZnodePath): ZnodePath {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? ROOT : (path.slice(0, slash) as ZnodePath);
}

/** The last name of the path; empty for the root. */
export function nodeName(path: ZnodePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function childPath(parent: ZnodePath, name: string): ZnodePath {
  return (parent === ROOT ? `/${name}` : `${parent}/${name}`) as ZnodePath;
}

/** Whether it is the znode at the top, or below it. */
export function isWithin(path: ZnodePath, top: ZnodePath): boolean {
  return path === top || top === ROOT || path.startsWith(`${top}/`);
}

/** A sequential znode's path: the requested prefix and the parent's counter of creations, at least ten digits. */
export function sequentialPath(prefix: ZnodePath, creates: number): ZnodePath {
  return `${prefix}${counterText(creates)}` as ZnodePath;
}

/** Whether the path ends as that of a sequential znode whose parent had so many creations before it. */
export function endsWithCounter(path: ZnodePath, creates: number): boolean {
  return path.endsWith(counterText(creates));
}

function counterText(creates: number): string {
  return creates.toString().padStart(10, '0');
}

/** The path of a znode that was named by a trusted source: a log, a snapshot, another stage. */
export function trustedPath(text: string): ZnodePath {
  return text as ZnodePath;
}
