import { resultBytes } from '@paddock/model';
// About how many bytes the batches of each boundary hold: a flat rate a message, and what can be large.
import type {
  BroadcastReply,
  BroadcastRequest,
  DatabaseReply,
  DatabaseRequest,
  DeliveryReply,
  DeliveryRequest,
  ElectionReply,
  ElectionRequest,
  LeaderMessage,
  LearnerMessage,
  LogEntry,
  LogSliceReply,
  LogSliceRequest,
  LookUpReply,
  LookUpRequest,
  ProcessorReply,
  ProcessorRequestBatch,
  SessionReply,
  SessionRequest,
  SnapshotReply,
  SnapshotRequest,
} from '@paddock/model';
import type { Estimate } from './memory-link.ts';

/** A message with its path and its numbers. */
const MESSAGE_BYTES = 200;
/** One of a list within a message: an operation, a record, a watch, a name. */
const ITEM_BYTES = 100;

export interface BoundaryEstimates<Up, Down> {
  readonly estimateUp: Estimate<Up>;
  readonly estimateDown: Estimate<Down>;
}

function entriesBytes(entries: readonly LogEntry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += ITEM_BYTES + entry.payload.length;
  return bytes;
}

function flat(batch: readonly unknown[]): number {
  return MESSAGE_BYTES * batch.length;
}

export const frontendDatabaseEstimates: BoundaryEstimates<DatabaseRequest[], DatabaseReply[]> = {
  estimateUp: (batch) => {
    let bytes = flat(batch);
    for (const request of batch) {
      if (request.kind === 'attach') bytes += ITEM_BYTES * request.watches.length;
    }
    return bytes;
  },
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const reply of batch) {
      if (reply.kind === 'readReply') bytes += resultBytes(reply.result);
      else if (reply.kind === 'attachAnswer') bytes += ITEM_BYTES * reply.outcomes.length;
    }
    return bytes;
  },
};

export const frontendProcessorEstimates: BoundaryEstimates<
  ProcessorRequestBatch,
  ProcessorReply[]
> = {
  estimateUp: ({ messages }) => {
    let bytes = flat(messages);
    for (const request of messages) {
      if (request.kind === 'touch') bytes += ITEM_BYTES * request.touches.length;
      if (request.kind !== 'write') continue;
      const { operation } = request;
      if (operation.kind === 'create' || operation.kind === 'setData') {
        bytes += operation.data.length;
      }
    }
    return bytes;
  },
  estimateDown: flat,
};

export const processorDatabaseEstimates: BoundaryEstimates<LookUpRequest[], LookUpReply[]> = {
  estimateUp: (batch) => {
    let bytes = flat(batch);
    for (const { query } of batch) {
      if (query.kind === 'znodes') bytes += ITEM_BYTES * query.paths.length;
    }
    return bytes;
  },
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const reply of batch) {
      if (reply.kind === 'answer') bytes += answerBytes(reply);
    }
    return bytes;
  },
};

function answerBytes({ answer }: Extract<LookUpReply, { kind: 'answer' }>): number {
  switch (answer.kind) {
    case 'znodes':
      return ITEM_BYTES * answer.records.length;
    case 'ephemerals':
      return 2 * ITEM_BYTES * answer.ephemerals.length;
    case 'sessions':
      return 2 * ITEM_BYTES * answer.rows.length;
    case 'subtree':
      return 2 * ITEM_BYTES * answer.znodes.length;
    case 'data':
      return answer.data.reduce((sum, it) => sum + (it?.length ?? 0), 0);
    case 'reapable':
      return ITEM_BYTES * answer.paths.length;
    case 'termStart':
      return ITEM_BYTES * answer.quotas.length;
    case 'subtreeUse':
      return 0;
  }
}

export const frontendBroadcasterEstimates: BoundaryEstimates<LogSliceRequest[], LogSliceReply[]> = {
  estimateUp: flat,
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const { entries } of batch) bytes += entriesBytes(entries);
    return bytes;
  },
};

export const processorBroadcasterEstimates: BoundaryEstimates<
  BroadcastRequest[],
  BroadcastReply[]
> = {
  estimateUp: (batch) => {
    let bytes = flat(batch);
    for (const request of batch) {
      if (request.kind === 'propose') bytes += entriesBytes(request.entries);
    }
    return bytes;
  },
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const reply of batch) {
      if (reply.kind === 'configure') bytes += reply.configuration.length;
    }
    return bytes;
  },
};

export const databaseBroadcasterEstimates: BoundaryEstimates<DeliveryRequest[], DeliveryReply[]> = {
  estimateUp: (batch) => {
    let bytes = flat(batch);
    for (const request of batch) {
      if (request.kind === 'deliver') bytes += request.configuration.length;
    }
    return bytes;
  },
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const reply of batch) {
      if (reply.kind === 'entries') bytes += entriesBytes(reply.entries);
    }
    return bytes;
  },
};

export const electionEstimates: BoundaryEstimates<ElectionRequest[], ElectionReply[]> = {
  estimateUp: flat,
  estimateDown: flat,
};

export const broadcastEstimates: BoundaryEstimates<LearnerMessage[], LeaderMessage[]> = {
  estimateUp: flat,
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const message of batch) {
      if (message.kind === 'entries') bytes += entriesBytes(message.entries);
    }
    return bytes;
  },
};

export const databaseDatabaseEstimates: BoundaryEstimates<SnapshotRequest[], SnapshotReply[]> = {
  estimateUp: (batch) => {
    let bytes = flat(batch);
    for (const request of batch) {
      if (request.kind === 'backupChunk') bytes += request.chunk.length;
    }
    return bytes;
  },
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const reply of batch) {
      if (reply.kind === 'chunk') bytes += reply.chunk.length;
    }
    return bytes;
  },
};

export const sessionStreamEstimates: BoundaryEstimates<SessionRequest[], SessionReply[]> = {
  estimateUp: (batch) => {
    let bytes = flat(batch);
    for (const request of batch) {
      if (request.kind !== 'operations') continue;
      for (const operation of request.operations) {
        bytes += ITEM_BYTES;
        if (operation.kind === 'create' || operation.kind === 'setData') {
          bytes += operation.data.length;
        }
      }
    }
    return bytes;
  },
  estimateDown: (batch) => {
    let bytes = flat(batch);
    for (const reply of batch) {
      if (reply.kind !== 'results') continue;
      for (const { result } of reply.results) bytes += ITEM_BYTES + resultBytes(result);
    }
    return bytes;
  },
};
