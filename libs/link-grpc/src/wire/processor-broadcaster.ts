// Request processor ↔ broadcaster: libs/model/src/links/processor-broadcaster.ts on the wire.
import { paddock, ProcessorBroadcasterService } from '@paddock/contracts';
import { counterOf, epochOf, termEpoch, termIncarnation } from '@paddock/model';
import type { BroadcastReply, BroadcastRequest } from '@paddock/model';
import { countOf, frameBytesOf, termOf, zxidOf } from './fields.ts';
import { linkFormat, type MessageSink } from './link-format.ts';
import { readEntries } from './log-entries.ts';
import { readPlainBroadcastRequest, writePropose } from './plain/log-entries.ts';
import { batchReader, noneIsFrequent } from './plain/read-batch.ts';
import { WireError } from './wire-error.ts';

const wire = paddock.processor_broadcaster.v1;

type WireReply = paddock.processor_broadcaster.v1.BroadcastReply.$Properties;

function writeRequest(request: BroadcastRequest, sink: MessageSink): void {
  switch (request.kind) {
    case 'propose':
      writePropose(request, sink);
      break;
    case 'confirmLeadership':
      sink.add(wire.BroadcastRequest, {
        confirmLeadership: {
          termEpoch: termEpoch(request.term),
          termIncarnation: termIncarnation(request.term),
          round: request.round,
        },
      });
      break;
    case 'offer':
      sink.add(wire.BroadcastRequest, { offer: { processorAddress: request.processorAddress } });
      break;
  }
}

function readRequest(
  message: paddock.processor_broadcaster.v1.BroadcastRequest.$Shape,
): BroadcastRequest {
  switch (message.kind) {
    case 'propose':
      return {
        kind: 'propose',
        term: termOf(message.propose.termEpoch, message.propose.termIncarnation, 'propose term'),
        entries: readEntries(message.propose.entries),
      };
    case 'confirmLeadership': {
      const confirm = message.confirmLeadership;
      return {
        kind: 'confirmLeadership',
        term: termOf(confirm.termEpoch, confirm.termIncarnation, 'confirm term'),
        round: countOf(confirm.round, 'confirm round'),
      };
    }
    case 'offer':
      return { kind: 'offer', processorAddress: message.offer.processorAddress ?? '' };
    case undefined:
      throw new WireError('broadcast request', 'has no kind');
  }
}

function writeReply(reply: BroadcastReply): WireReply {
  switch (reply.kind) {
    case 'leadershipConfirmed':
      return {
        leadershipConfirmed: {
          round: reply.round,
          floorEpoch: epochOf(reply.floor),
          floorCounter: counterOf(reply.floor),
        },
      };
    case 'termGranted':
      return {
        termGranted: {
          termEpoch: termEpoch(reply.term),
          termIncarnation: termIncarnation(reply.term),
          lastProposedEpoch: epochOf(reply.lastProposed),
          lastProposedCounter: counterOf(reply.lastProposed),
        },
      };
    case 'termEnded':
      return {
        termEnded: {
          termEpoch: termEpoch(reply.term),
          termIncarnation: termIncarnation(reply.term),
          reason: reply.reason,
        },
      };
    case 'configure':
      return {
        configure: {
          termEpoch: termEpoch(reply.term),
          termIncarnation: termIncarnation(reply.term),
          configuration: reply.configuration,
        },
      };
  }
}

function readReply(
  message: paddock.processor_broadcaster.v1.BroadcastReply.$Shape,
): BroadcastReply {
  switch (message.kind) {
    case 'leadershipConfirmed': {
      const confirmed = message.leadershipConfirmed;
      return {
        kind: 'leadershipConfirmed',
        round: countOf(confirmed.round, 'confirmed round'),
        floor: zxidOf(confirmed.floorEpoch, confirmed.floorCounter, 'confirmed floor'),
      };
    }
    case 'termGranted': {
      const granted = message.termGranted;
      return {
        kind: 'termGranted',
        term: termOf(granted.termEpoch, granted.termIncarnation, 'granted term'),
        lastProposed: zxidOf(
          granted.lastProposedEpoch,
          granted.lastProposedCounter,
          'last proposed',
        ),
      };
    }
    case 'termEnded': {
      const ended = message.termEnded;
      return {
        kind: 'termEnded',
        term: termOf(ended.termEpoch, ended.termIncarnation, 'ended term'),
        reason: ended.reason ?? '',
      };
    }
    case 'configure': {
      const { configure } = message;
      return {
        kind: 'configure',
        term: termOf(configure.termEpoch, configure.termIncarnation, 'configure term'),
        configuration: frameBytesOf(configure.configuration, 'configuration'),
      };
    }
    case undefined:
      throw new WireError('broadcast reply', 'has no kind');
  }
}

export const processorBroadcaster = {
  method: ProcessorBroadcasterService.link,
  dialler: linkFormat<BroadcastRequest[], BroadcastReply[]>({
    write: (batch, sink) => {
      for (const request of batch) writeRequest(request, sink);
    },
    read: batchReader({
      message: wire.BroadcastReply,
      batch: wire.LinkResponse,
      readPlain: noneIsFrequent,
      read: readReply,
    }),
  }),
  acceptor: linkFormat<BroadcastReply[], BroadcastRequest[]>({
    write: (batch, sink) => {
      for (const reply of batch) sink.add(wire.BroadcastReply, writeReply(reply));
    },
    read: batchReader({
      message: wire.BroadcastRequest,
      batch: wire.LinkRequest,
      readPlain: readPlainBroadcastRequest,
      read: readRequest,
    }),
  }),
};
