import { encodeTermMarker } from '@paddock/codec';
import { DEFAULT_LIMITS, DEFAULT_TIMING, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { BroadcastReply, BroadcastRequest, DeliveryRequest } from '@paddock/model';
import type { DirectoryIdentity } from '@paddock/node-runtime';
import type { Link, LinkHandlers } from '@paddock/ports';
import { MemoryDisk } from '@paddock/link-memory';
import { expect, it } from 'vitest';
import { ZabBroadcasterStage } from '../src/zab-broadcaster-stage.ts';

const identity: DirectoryIdentity = { format: 1, clusterId: 'c', replica: 1, incarnation: 7 };
const GONE = { cause: 'lost', reason: 'it is gone' } as const;

const NOTHING = (): void => undefined;

class HeardLink<Message> implements Link<Message[]> {
  readonly bufferedBytes = 0;
  readonly heard: Message[] = [];

  send(batch: Message[]): boolean {
    this.heard.push(...batch);
    return true;
  }

  pause = NOTHING;
  resume = NOTHING;
  close = NOTHING;
}

/** An ensemble of one whose timers fire when the test says so. */
function stageWithTimers(disk: MemoryDisk) {
  const clock = { nowMs: 1000 };
  const ticks: (() => void)[] = [];
  const nobody = {
    dial: () => {
      throw new Error('nobody is dialled');
    },
  };
  const stage = new ZabBroadcasterStage(
    { limits: DEFAULT_LIMITS, timing: DEFAULT_TIMING, identity, ensemble: [], databaseAddress: '' },
    {
      clock: { monotonicMs: () => clock.nowMs, wallMs: () => 0 },
      random: { safeInteger: () => 1, below: () => 0, bytes: (length) => new Uint8Array(length) },
      disk,
      election: nobody,
      broadcast: nobody,
      timers: {
        after: () => () => undefined,
        soon: () => () => undefined,
        every: (_periodMs, task) => {
          ticks.push(task);
          return () => undefined;
        },
      },
      report: () => undefined,
      failed: (reason) => {
        throw new Error(reason);
      },
    },
  );
  stage.start();
  disk.run();
  return { stage, clock, tick: () => ticks.forEach((task) => task()) };
}

it('H13 b: a broadcaster that stood still knows how late it is before it believes its sockets', () => {
  const disk = new MemoryDisk();
  const { stage, clock, tick } = stageWithTimers(disk);
  const processor = new HeardLink<BroadcastReply>();
  const database: LinkHandlers<DeliveryRequest[]> = stage.acceptDatabase(new HeardLink());
  const { replica, incarnation } = identity;
  const configuration = new Uint8Array();
  const snapshot = ZXID_ZERO;
  database.received([
    { kind: 'deliver', replica, incarnation, applied: ZXID_ZERO, snapshot, configuration },
  ]);
  const fromProcessor: LinkHandlers<BroadcastRequest[]> = stage.acceptProcessor(processor);
  fromProcessor.received([{ kind: 'offer', processorAddress: 'p' }]);
  disk.run();
  const grant = processor.heard.find((reply) => reply.kind === 'termGranted');
  if (grant === undefined) throw new Error('no term is granted');
  const { term } = grant;
  database.ended(GONE);
  tick();
  clock.nowMs += 10_000;
  // Its timers have not fired yet, but this has been in its socket.
  const payload = encodeTermMarker({ term, processorAddress: 'p' });
  const zxid = makeZxid(1, 1);
  fromProcessor.received([
    { kind: 'propose', term, entries: [{ zxid, kind: 'termMarker', payload }] },
  ]);
  expect(processor.heard.at(-1)).toMatchObject({ kind: 'termEnded', term });
  expect(stage.status()['lastProposed']).toBe('0.0');
});
