import { Metadata, status } from '@grpc/grpc-js';
import { errorStatus, StreamCallError } from '@paddock/link-grpc';
import type { WatchPart } from '@paddock/link-grpc';
import { makeZxid, trustedPath } from '@paddock/model';
import type { ErrorCode, EventKind, Zxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { Changes } from '../src/changes.ts';
import type { Change, ChangesSource } from '../src/changes.ts';

const zxid = (counter: number): Zxid => makeZxid(1, counter);
const servers = ['a:1', 'b:1'];

function progress(at: number): WatchPart {
  return { kind: 'progress', zxid: zxid(at) };
}

function event(at: number, name = '/a', kind: EventKind = 'nodeDataChanged'): WatchPart {
  return { kind: 'event', event: { kind, path: trustedPath(name), zxid: zxid(at) }, shown: {} };
}

function lost(code = status.UNAVAILABLE): StreamCallError {
  const details = 'connection reset';
  return new StreamCallError(
    Object.assign(new Error(details), { code, details, metadata: new Metadata() }),
  );
}

function refused(code: ErrorCode, at: Zxid = zxid(0)): StreamCallError {
  const ended = errorStatus({ failed: { code, reason: 'so' }, path: '/a', zxid: at });
  return new StreamCallError(Object.assign(new Error(code), ended));
}

const STAYS = 'stays';
type Answer = readonly [...WatchPart[], StreamCallError | typeof STAYS];

/** Servers that answer one attempt after the other as the script says; no time passes. */
class Script implements ChangesSource {
  readonly asked: string[] = [];
  readonly pauses: number[] = [];
  readonly random = { below: (bound: number) => bound - 1 };
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  async *parts(
    ...[server, { fromEpoch, fromCounter }, { signal }]: Parameters<ChangesSource['parts']>
  ): AsyncGenerator<WatchPart, undefined> {
    this.asked.push(`${server} from ${fromEpoch ?? 0}.${fromCounter ?? 0}`);
    for (const part of this.#answers.shift() ?? [lost()]) {
      if (part instanceof StreamCallError) throw part;
      if (part !== STAYS) yield part;
      else await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    }
    throw lost(status.CANCELLED);
  }

  pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    return Promise.resolve();
  }
}

async function take(changes: Changes, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { done, value } = await changes.next();
    if (done === true) return [...seen, 'end'];
    seen.push(shortOf(value));
  }
  return seen;
}

function shortOf(change: Change): string {
  return `${change.kind} ${'path' in change ? `${change.path} ` : ''}${change.zxid % 2 ** 32}`;
}

describe('a watch of changes', () => {
  it('P9: goes on at another server where it loses one, behind what it has told', async () => {
    const script = new Script(
      [progress(3), event(5), progress(7), lost()],
      [progress(7), event(9), lost(status.INTERNAL)],
      [progress(8), event(9), event(10), STAYS],
    );
    const changes = new Changes('/a', { servers, from: zxid(3) }, script);
    expect(await take(changes, 5)).toEqual([
      'progress 3',
      'nodeDataChanged /a 5',
      'progress 7',
      'nodeDataChanged /a 9',
      'nodeDataChanged /a 10',
    ]);
    expect(script.asked).toEqual(['a:1 from 1.3', 'b:1 from 1.7', 'a:1 from 1.8']);
    expect(script.pauses).toEqual([]);
    await changes.return();
  });

  it('P9: tells once what a connection has told of a transaction before it broke, and the rest of it', async () => {
    const script = new Script(
      [progress(3), event(5, '/a'), event(5, '/b'), lost()],
      [progress(4), event(5, '/a'), event(5, '/b'), event(5, '/b'), event(6, '/a'), STAYS],
    );
    const changes = new Changes('/a', { servers, depth: Infinity }, script);
    expect(await take(changes, 5)).toEqual([
      'progress 3',
      'nodeDataChanged /a 5',
      'nodeDataChanged /b 5',
      'nodeDataChanged /b 5',
      'nodeDataChanged /a 6',
    ]);
    expect(changes.resumeFrom).toBe(zxid(5));
    await changes.return();
  });

  it('P9: begins before everything where nothing was applied yet, and not anew when it is lost', async () => {
    const script = new Script(
      [{ kind: 'progress', zxid: makeZxid(0, 0) }, lost()],
      [progress(1), event(2), STAYS],
    );
    const changes = new Changes('/a', { servers }, script);
    await take(changes, 3);
    expect(script.asked).toEqual(['a:1 from 0.0', 'b:1 from 0.1']);
    await changes.return();
  });

  it('waits for a server that serves, longer from round to round', async () => {
    const away: Answer = [refused('notServing')];
    const script = new Script([progress(3), lost()], away, away, away, away, away, [
      progress(9),
      STAYS,
    ]);
    const changes = new Changes('/a', { servers }, script);
    expect(await take(changes, 2)).toEqual(['progress 3', 'progress 9']);
    expect(script.asked).toHaveLength(7);
    expect(script.pauses).toEqual([49, 49, 99, 99, 199]);
    await changes.return();
  });

  it.each(['compacted', 'throttled', 'noAuth', 'badArguments'] as const)(
    'ends with its reason where it is refused: %s',
    async (code) => {
      const script = new Script([progress(3), event(5), lost()], [refused(code, zxid(40))]);
      const changes = new Changes('/a', { servers }, script);
      await take(changes, 2);
      const oldest = code === 'compacted' ? zxid(40) : null;
      await expect(changes.next()).rejects.toMatchObject({ code, path: '/a', oldest });
      expect(changes.resumeFrom).toBe(zxid(4));
      expect(await changes.next()).toEqual({ done: true, value: undefined });
    },
  );

  it('fails before it has begun where no server answers', async () => {
    const script = new Script();
    const changes = new Changes('/a', { servers }, script);
    await expect(changes.next()).rejects.toMatchObject({ code: 'connectionLoss' });
    expect(script.asked).toEqual(['a:1 from 0.0', 'b:1 from 0.0']);
    const broken = new Changes('/a', { servers }, new Script([lost(status.UNIMPLEMENTED)]));
    await expect(broken.next()).rejects.toMatchObject({ code: 'connectionLoss' });
  });

  it('that is closed ends what waits for its next change', async () => {
    const changes = new Changes('/a', { servers }, new Script([progress(3), STAYS]));
    await take(changes, 1);
    const next = changes.next();
    await changes.return();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('that is given up by its signal fails, wherever it waits', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const script = new Script([progress(3), STAYS]);
    const changes = new Changes('/a', { servers, from: zxid(3), signal }, script);
    expect(await take(changes, 1)).toEqual(['progress 3']);
    const next = changes.next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toMatchObject({
      code: 'aborted',
      message: 'watch /a: given up by its signal (aborted)',
      cause: new Error('enough'),
    });
  });
});
