import type { ServiceError } from '@grpc/grpc-js';
import { makeZxid } from '@paddock/model';
import { expect, it } from 'vitest';
import { errorStatus, refusalOf } from '../src/error-status.ts';

it.each(['a', 'ä', '\uac00'])(
  'a status fits 8 KiB of trailers, however long a path of %s is',
  (letter) => {
    const path = `/${letter.repeat(20_000)}/end`;
    const limit = { kind: 'quotaCount', path, limit: 1, use: 2, more: 3 } as const;
    const reason = `${path} does not exist`;
    const failed = { code: 'noNode', reason, limit, retryAfterMs: 250 } as const;
    const { code, details, metadata } = errorStatus({ failed, path, zxid: makeZxid(2, 9) });
    const error: ServiceError = Object.assign(new Error(details), { code, details, metadata });
    const refusal = refusalOf(error);
    expect(refusal).toMatchObject({
      failed: { code: 'noNode', limit: { ...limit, path: refusal?.failed.limit?.path } },
      zxid: makeZxid(2, 9),
    });
    expect(refusal?.failed.retryAfterMs).toBe(250);
    expect(refusal?.failed.limit?.path).toMatch(/^\/.*\u2026.*\/end$/);
    expect(refusal?.failed.reason).toMatch(/^\/.*\u2026.*does not exist$/);
    expect(refusal?.path).toMatch(/^\/.*\u2026.*\/end$/);
    const bytes = metadata.get('grpc-status-details-bin')[0]?.length ?? Infinity;
    // As gRPC sends them: percent-encoded, and in base64.
    expect(encodeURI(details).length + Math.ceil((bytes * 4) / 3)).toBeLessThan(8 * 1024);
  },
);
