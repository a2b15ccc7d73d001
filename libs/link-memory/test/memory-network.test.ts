import { describeLink, LINK_SUITE_LIMITS, type LinkFixture } from '@paddock/compliance';
import type { SessionReply, SessionRequest } from '@paddock/model';
import { MemoryNetwork, sessionStreamEstimates, Turn } from '../src/index.ts';

function fixture(): Promise<LinkFixture> {
  const turn = new Turn((task) => void setImmediate(task));
  const network = new MemoryNetwork<SessionRequest[], SessionReply[]>({
    turn,
    limits: LINK_SUITE_LIMITS,
    ...sessionStreamEstimates,
  });
  return Promise.resolve({
    listen: (acceptor) => {
      network.listen('memory:session-frontend', acceptor);
      return Promise.resolve('memory:session-frontend');
    },
    dialer: network,
    nowhere: 'memory:nobody',
    settle: () => new Promise<void>((resolve) => void setImmediate(resolve)),
    dispose: () => Promise.resolve(),
  });
}

describeLink('a link by direct calls', fixture);
