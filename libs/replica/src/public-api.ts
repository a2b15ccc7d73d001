import type { Server } from '@grpc/grpc-js';
import { IDENTIFY_NOBODY, serveHistory, servePublicApi } from '@paddock/link-grpc';
import type { IdentifyCaller, PublicApi } from '@paddock/link-grpc';
import type { Limits } from '@paddock/model';
import type { IdentityProvider } from '@paddock/session-core';
import type { BackupRelay } from './backup-relay.ts';
import { callerIdentities } from './caller-identities.ts';
import type { LogSearches } from './log-searching.ts';
import { PermittedHistory } from './permitted-history.ts';
import type { SessionFrontendStage } from './session-frontend-stage.ts';

export const PUBLIC_SERVICES = [
  'paddock.client.v1.SessionService',
  'paddock.client.v1.ZnodeService',
  'paddock.client.v1.HistoryService',
] as const;

export interface ClientServices {
  readonly frontend: SessionFrontendStage;
  readonly history: LogSearches;
  readonly backups: BackupRelay;
  readonly limits: Limits;
  readonly providers: readonly IdentityProvider[];
}

/** All of PUBLIC_SERVICES. */
export function serveClients(server: Server, services: ClientServices): void {
  const { frontend, history, backups, limits, providers } = services;
  const identify = callerIdentities(providers);
  const api = publicApi(frontend, limits, identify);
  servePublicApi(server, api);
  const permitted = new PermittedHistory(history, api.unary);
  serveHistory(server, { history: permitted, backups, identify });
}

/** What clients of a front-end reach over gRPC; `identify` says who they are. */
export function publicApi(
  stage: SessionFrontendStage,
  limits: Limits,
  identify: IdentifyCaller = IDENTIFY_NOBODY,
): PublicApi {
  return {
    sessions: stage.acceptClient,
    unary: {
      call: (operation, answer, identities) =>
        stage.call(
          operation,
          (zxid, result, readOnly) =>
            answer(readOnly === true ? { zxid, result, readOnly } : { zxid, result }),
          identities,
        ),
      watch: (path, from, handlers, identities, terms) =>
        stage.watch(path, from, handlers, identities, terms),
    },
    identify,
    limits,
  };
}
