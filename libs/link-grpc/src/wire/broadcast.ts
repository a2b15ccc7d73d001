// Learner ↔ leader: libs/model/src/links/leader-learner.ts on the wire.
import { BroadcastService, paddock } from '@paddock/contracts';
import type { LeaderMessage, LearnerMessage } from '@paddock/model';
import { readLeaderMessage, writeLeaderMessage } from './leader-message.ts';
import { readLearnerMessage, writeLearnerMessage } from './learner-message.ts';
import { linkFormat } from './link-format.ts';
import { readPlainLeaderMessage, readPlainLearnerMessage } from './plain/broadcast.ts';
import { batchReader } from './plain/read-batch.ts';

const wire = paddock.broadcast.v1;

export const broadcast = {
  method: BroadcastService.link,
  dialler: linkFormat<LearnerMessage[], LeaderMessage[]>({
    write: (batch, sink) => {
      for (const message of batch) writeLearnerMessage(message, sink);
    },
    read: batchReader({
      message: wire.LeaderMessage,
      batch: wire.LinkResponse,
      readPlain: readPlainLeaderMessage,
      read: readLeaderMessage,
    }),
  }),
  acceptor: linkFormat<LeaderMessage[], LearnerMessage[]>({
    write: (batch, sink) => {
      for (const message of batch) writeLeaderMessage(message, sink);
    },
    read: batchReader({
      message: wire.LearnerMessage,
      batch: wire.LinkRequest,
      readPlain: readPlainLearnerMessage,
      read: readLearnerMessage,
    }),
  }),
};
