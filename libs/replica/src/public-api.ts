import type { IdentifyCaller, PublicApi } from '@paddock/link-grpc';
import type { Limits } from '@paddock/model';
import type { SessionFrontendStage } from './session-frontend-stage.ts';

export const PUBLIC_SERVICES = [
  'paddock.client.v1.SessionService',
  'paddock.client.v1.ZnodeService',
  'paddock.client.v1.HistoryService',
] as const;

/** What clients of a front-end reach over gRPC; `identify` says who they are. */
export function publicApi(
  stage: SessionFrontendStage,
  limits: Limits,
  identify: IdentifyCaller = () => ({ identities: undefined }),
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
