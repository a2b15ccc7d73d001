import { describeLink, LINK_SUITE_LIMITS, type LinkFixture } from '@paddock/compliance';
import {
  createGrpcServer,
  GrpcLinkDialer,
  listen,
  serveLink,
  sessionStreamBoundary,
} from '../src/index.ts';

function fixture(): Promise<LinkFixture> {
  const server = createGrpcServer({ messageBytes: 2 * 1024 * 1024, concurrentStreams: 100 });
  const dialer = new GrpcLinkDialer(sessionStreamBoundary, {
    limits: LINK_SUITE_LIMITS,
    windowBytes: 128 * 1024,
  });
  return Promise.resolve({
    listen: async (acceptor) => {
      serveLink(server, sessionStreamBoundary, acceptor, LINK_SUITE_LIMITS);
      return `127.0.0.1:${await listen(server, '127.0.0.1:0')}`;
    },
    dialer,
    nowhere: '127.0.0.1:1',
    settle: () => new Promise<void>((resolve) => void setTimeout(resolve, 1)),
    dispose: () => {
      dialer.close();
      server.forceShutdown();
      return Promise.resolve();
    },
  });
}

describeLink('a link over gRPC', fixture);
