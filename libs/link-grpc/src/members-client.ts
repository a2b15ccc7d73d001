// The operator's side of the members service.
import { Client } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { MembersService } from '@paddock/contracts';
import type { Method, paddock } from '@paddock/contracts';
import type { MembersAnswer, MembershipChange, Zxid } from '@paddock/model';
import { toBuffer } from './buffer.ts';
import type { CertificateFiles } from './tls/certificate-files.ts';
import { channelCredentials } from './tls/channel-credentials.ts';
import { zxidOf } from './wire/fields.ts';
import { readListed, readPicture, readPlan, readRefusal, writeChange } from './wire/members.ts';
import type { ListedMembers, MembersList, MembersPlan } from './wire/members.ts';

type Refused = Extract<MembersAnswer, { kind: 'refused' }>;

/** What came of a call to one broadcaster. */
export type MembersReply<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | Refused
  /** The call failed: it may have been carried out, or not. */
  | { readonly kind: 'failed'; readonly reason: string };

interface Answer {
  readonly refused?: paddock.admin.v1.Refusal.$Properties | null;
}

/** Asks one broadcaster. */
export class MembersConnection {
  readonly #client: Client;
  readonly #timeoutMs: number;

  /** `tls`: as the links between stages have it; undefined: none. */
  constructor(address: string, timeoutMs: number, tls?: CertificateFiles) {
    this.#client = new Client(address, channelCredentials(tls));
    this.#timeoutMs = timeoutMs;
  }

  list(): Promise<MembersReply<MembersList>> {
    return this.#call(MembersService.list, {}, readPicture);
  }

  plan(change: MembershipChange): Promise<MembersReply<MembersPlan>> {
    return this.#call(MembersService.plan, { change: writeChange(change) }, readPlan);
  }

  change(change: MembershipChange): Promise<MembersReply<ListedMembers>> {
    return this.#call(MembersService.change, { change: writeChange(change) }, readListed);
  }

  transfer(replica: number): Promise<MembersReply<number>> {
    return this.#call(MembersService.transfer, { replica }, ({ leader }) => leader);
  }

  restore(backup: string): Promise<MembersReply<Zxid>> {
    return this.#call(MembersService.restore, { backup }, ({ zxidEpoch, zxidCounter }) =>
      zxidOf(zxidEpoch, zxidCounter, 'restored'),
    );
  }

  close(): void {
    this.#client.close();
  }

  #call<Asked, Request extends Asked, Told, Response extends Told & Answer, T>(
    method: Method<'unary', Asked, Request, Told, Response>,
    request: Asked,
    read: (response: Response) => T,
  ): Promise<MembersReply<T>> {
    return new Promise((resolve) => {
      const answered = (error: ServiceError | null, response?: Response): void => {
        if (error !== null || response === undefined) {
          resolve({ kind: 'failed', reason: error?.details ?? 'no answer' });
          return;
        }
        const { refused } = response;
        if (refused !== null && refused !== undefined) resolve(readRefusal(refused));
        else resolve({ kind: 'answered', value: read(response) });
      };
      this.#client.makeUnaryRequest(
        method.path,
        (message: Asked) => toBuffer(method.request.encode(message).finish()),
        (bytes: Buffer) => method.response.decode(bytes),
        request,
        { deadline: Date.now() + this.#timeoutMs },
        answered,
      );
    });
  }
}
