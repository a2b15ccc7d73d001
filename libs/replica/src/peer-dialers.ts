import {
  broadcastBoundary,
  databaseDatabaseBoundary,
  electionBoundary,
  frontendProcessorBoundary,
  GrpcLinkDialer,
  noTraffic,
} from '@paddock/link-grpc';
import type { CertificateFiles } from '@paddock/link-grpc';
import type { ReplicaConfiguration } from '@paddock/node-runtime';

/** How the stages of a replica reach those of the others. Nothing is connected before it is dialled. */
export class PeerDialers {
  readonly election;
  readonly broadcast;
  readonly processor;
  readonly snapshots;
  /** Of the links between broadcasters, those too that others have dialled. */
  readonly traffic = noTraffic();

  constructor(
    { limits, timing }: Pick<ReplicaConfiguration, 'limits' | 'timing'>,
    tls: CertificateFiles | undefined,
  ) {
    const options = { limits, timing, tls };
    const counted = { ...options, traffic: this.traffic };
    this.election = new GrpcLinkDialer(electionBoundary, counted);
    this.broadcast = new GrpcLinkDialer(broadcastBoundary, counted);
    this.processor = new GrpcLinkDialer(frontendProcessorBoundary, options);
    this.snapshots = new GrpcLinkDialer(databaseDatabaseBoundary, options);
  }

  /**
   * Should the replica there come to lead, all of whose stages are at one address: the broadcaster learns from its
   * broadcaster, and the front-end writes to its processor.
   */
  prepareFor(address: string): void {
    this.broadcast.prepare(address);
    this.processor.prepare(address);
  }

  close(): void {
    this.election.close();
    this.broadcast.close();
    this.processor.close();
    this.snapshots.close();
  }
}
