// Session front-end ↔ broadcaster: libs/model/src/links/frontend-broadcaster.ts on the wire.
import { LogReadingService, paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { LogSliceReply, LogSliceRequest } from '@paddock/model';
import { zxidOf } from './fields.ts';
import { linkFormat } from './link-format.ts';
import { readEntries } from './log-entries.ts';
import { batchReader, noneIsFrequent } from './plain/read-batch.ts';
import { WireError } from './wire-error.ts';
import { entryKinds } from './words.ts';

const wire = paddock.frontend_broadcaster.v1;

type WireRequest = paddock.frontend_broadcaster.v1.LogSliceRequest.$Properties;
type WireReply = paddock.frontend_broadcaster.v1.LogSliceReply.$Properties;

function writeRequest({ after, before, newestFirst }: LogSliceRequest): WireRequest {
  return {
    readSlice: {
      afterEpoch: epochOf(after),
      afterCounter: counterOf(after),
      beforeEpoch: epochOf(before),
      beforeCounter: counterOf(before),
      newestFirst,
    },
  };
}

function readRequest(
  message: paddock.frontend_broadcaster.v1.LogSliceRequest.$Shape,
): LogSliceRequest {
  if (message.kind === undefined) throw new WireError('log request', 'has no kind');
  const slice = message.readSlice;
  return {
    kind: 'readSlice',
    after: zxidOf(slice.afterEpoch, slice.afterCounter, 'slice after'),
    before: zxidOf(slice.beforeEpoch, slice.beforeCounter, 'slice before'),
    newestFirst: slice.newestFirst === true,
  };
}

function writeReply({ logStart, through, entries }: LogSliceReply): WireReply {
  return {
    slice: {
      logStartEpoch: epochOf(logStart),
      logStartCounter: counterOf(logStart),
      throughEpoch: epochOf(through),
      throughCounter: counterOf(through),
      entries: entries.map(({ zxid, kind, payload }) => ({
        zxidEpoch: epochOf(zxid),
        zxidCounter: counterOf(zxid),
        kind: entryKinds.write(kind),
        payload,
      })),
    },
  };
}

function readReply(message: paddock.frontend_broadcaster.v1.LogSliceReply.$Shape): LogSliceReply {
  if (message.kind === undefined) throw new WireError('log reply', 'has no kind');
  const { slice } = message;
  return {
    kind: 'slice',
    logStart: zxidOf(slice.logStartEpoch, slice.logStartCounter, 'log start'),
    through: zxidOf(slice.throughEpoch, slice.throughCounter, 'log through'),
    entries: readEntries(slice.entries),
  };
}

export const frontendBroadcaster = {
  method: LogReadingService.link,
  dialler: linkFormat<LogSliceRequest[], LogSliceReply[]>({
    write: (batch, sink) => {
      for (const request of batch) sink.add(wire.LogSliceRequest, writeRequest(request));
    },
    read: batchReader({
      message: wire.LogSliceReply,
      batch: wire.LinkResponse,
      readPlain: noneIsFrequent,
      read: readReply,
    }),
  }),
  acceptor: linkFormat<LogSliceReply[], LogSliceRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) sink.add(wire.LogSliceReply, writeReply(reply));
    },
    read: batchReader({
      message: wire.LogSliceRequest,
      batch: wire.LinkRequest,
      readPlain: noneIsFrequent,
      read: readRequest,
    }),
  }),
};
