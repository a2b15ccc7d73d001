// Session front-end ↔ replicated database: libs/model/src/links/frontend-database.ts on the wire.
import { FrontendDatabaseService, paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { DatabaseReply, DatabaseRequest } from '@paddock/model';
import { identitiesField, readIdentities } from './acl.ts';
import {
  countOf,
  durationOf,
  frontendOf,
  isPresent,
  ordinalOf,
  sessionOf,
  sessionOrNoneOf,
  stagePathOf,
  stalenessOf,
  word,
  zxidOf,
} from './fields.ts';
import { readDatabaseReply, writeDatabaseReply } from './database-reply.ts';
import { linkFormat } from './link-format.ts';
import { readPlainReply, readPlainRequest, writeRead } from './plain/frontend-database.ts';
import { batchReader } from './plain/read-batch.ts';
import { readBatch } from './read-many.ts';
import { readOperationOf } from './read-operation.ts';
import { readAttachment, writeAttachment } from './stage-values.ts';
import { readWatches, readWatchTerms, writeTerms, writeWatches } from './watches.ts';
import { WireError } from './wire-error.ts';
import { readKinds, watchKinds } from './words.ts';

const wire = paddock.frontend_database.v1;

type WireRequest = paddock.frontend_database.v1.DatabaseRequest.$Shape;

function writeRequest(
  request: Exclude<DatabaseRequest, { kind: 'read' }>,
): paddock.frontend_database.v1.DatabaseRequest.$Properties {
  switch (request.kind) {
    case 'attach':
      return {
        attach: {
          session: request.session,
          attachment: writeAttachment(request.attachment),
          floorEpoch: epochOf(request.floor),
          floorCounter: counterOf(request.floor),
          firstUnsettled: request.firstUnsettled,
          watches: writeWatches(request.watches),
          more: request.more,
          ...identitiesField(request.identities),
          ...(request.localTimeoutMs === undefined
            ? {}
            : { localTimeoutMs: request.localTimeoutMs }),
        },
      };
    case 'detach':
      return {
        detach: { session: request.session, attachment: writeAttachment(request.attachment) },
      };
    case 'unwatch':
      return {
        unwatch: {
          session: request.session,
          attachment: writeAttachment(request.attachment),
          path: request.path,
          kind: watchKinds.write(request.watch),
        },
      };
    case 'identify':
      return {
        identify: {
          session: request.session,
          attachment: writeAttachment(request.attachment),
          ...identitiesField(request.identities),
        },
      };
    case 'openStream':
      return { openStream: { frontend: request.frontend } };
    case 'openWatch':
      return {
        openWatch: {
          watch: request.watch,
          path: request.path,
          fromEpoch: epochOf(request.from),
          fromCounter: counterOf(request.from),
          ...identitiesField(request.identities),
          terms: writeTerms(request.terms),
        },
      };
    case 'closeWatch':
      return { closeWatch: request.watch };
  }
}

function readRequest(message: WireRequest): DatabaseRequest {
  switch (message.kind) {
    case 'read':
      return readRead(message.read);
    case 'attach': {
      const attach = message.attach;
      return {
        kind: 'attach',
        session: sessionOf(attach.session, 'attach session'),
        attachment: readAttachment(attach.attachment),
        floor: zxidOf(attach.floorEpoch, attach.floorCounter, 'attach floor'),
        firstUnsettled: countOf(attach.firstUnsettled, 'attach first unsettled'),
        watches: readWatches(attach.watches, stagePathOf),
        more: attach.more ?? false,
        identities: readIdentities(attach.identities),
        ...(isPresent(attach.localTimeoutMs)
          ? { localTimeoutMs: durationOf(attach.localTimeoutMs, 'attach timeout') }
          : {}),
      };
    }
    case 'detach':
      return {
        kind: 'detach',
        session: sessionOf(message.detach.session, 'detach session'),
        attachment: readAttachment(message.detach.attachment),
      };
    case 'unwatch':
      return {
        kind: 'unwatch',
        session: sessionOf(message.unwatch.session, 'unwatch session'),
        attachment: readAttachment(message.unwatch.attachment),
        path: stagePathOf(message.unwatch.path, 'unwatch path'),
        watch: watchKinds.read(message.unwatch.kind),
      };
    case 'identify':
      return {
        kind: 'identify',
        session: sessionOf(message.identify.session, 'identify session'),
        attachment: readAttachment(message.identify.attachment),
        identities: readIdentities(message.identify.identities),
      };
    case 'openStream':
      return {
        kind: 'openStream',
        frontend: frontendOf(message.openStream.frontend, 'stream front-end'),
      };
    case 'openWatch': {
      const watch = message.openWatch;
      const terms = readWatchTerms(watch.terms);
      return {
        kind: 'openWatch',
        watch: ordinalOf(watch.watch, 'watch number'),
        path: stagePathOf(watch.path, 'watch path'),
        from: zxidOf(watch.fromEpoch, watch.fromCounter, 'watch from'),
        identities: readIdentities(watch.identities),
        ...(terms === undefined ? {} : { terms }),
      };
    }
    case 'closeWatch':
      return { kind: 'closeWatch', watch: ordinalOf(message.closeWatch, 'watch number') };
    case undefined:
      throw new WireError('database request', 'has no kind');
  }
}

function readRead(read: paddock.frontend_database.v1.Read.$Shape): DatabaseRequest {
  const path = stagePathOf(read.path, 'read path');
  const owner = sessionOrNoneOf(read.owner, 'read owner');
  const operation = readOperationOf(readKinds.read(read.kind), path, read.watch ?? false, {
    owner,
    after: read.after ?? '',
    limit: word(read.limit),
    watchMode: read.watchMode,
    permissions: word(read.permissions),
    batch: readBatch(read.batch?.reads),
  });
  return {
    kind: 'read',
    session: sessionOrNoneOf(read.session, 'read session'),
    afterSequence: countOf(read.afterSequence, 'read after sequence'),
    floor: zxidOf(read.floorEpoch, read.floorCounter, 'read floor'),
    stalenessMs: stalenessOf(read.stalenessMs),
    operation,
    ...(read.acceptsReadOnly === true ? { acceptsReadOnly: true } : {}),
    identities: readIdentities(read.identities),
  };
}

export const frontendDatabase = {
  method: FrontendDatabaseService.link,
  dialler: linkFormat<DatabaseRequest[], DatabaseReply[]>({
    write: (batch, sink) => {
      for (const request of batch) {
        if (request.kind === 'read') {
          writeRead(sink.start(), request);
          sink.end();
        } else {
          sink.add(wire.DatabaseRequest, writeRequest(request));
        }
      }
    },
    read: batchReader({
      message: wire.DatabaseReply,
      batch: wire.LinkResponse,
      readPlain: readPlainReply,
      read: readDatabaseReply,
    }),
  }),
  acceptor: linkFormat<DatabaseReply[], DatabaseRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) writeDatabaseReply(reply, sink);
    },
    read: batchReader({
      message: wire.DatabaseRequest,
      batch: wire.LinkRequest,
      readPlain: readPlainRequest,
      read: readRequest,
    }),
  }),
};
