import type { ServiceError } from '@grpc/grpc-js';
import { makeZxid } from '@paddock/model';
import { expect, it } from 'vitest';
import { errorStatus, refusalOf } from '../src/error-status.ts';

it.each(['a', 'ä', '\uac00'])(
  'a status fits 8 KiB of trailers, however long a path of %s is',
  (letter) => {
    const path = `/${letter.repeat(20_000)}/end`;
    const failed = { code: 'noNode', reason: `${path} does not exist` } as const;
    const { code, details, metadata } = errorStatus({ failed, path, zxid: makeZxid(2, 9) });
    const error: ServiceError = Object.assign(new Error(details), { code, details, metadata });
    const refusal = refusalOf(error);
    expect(refusal).toMatchObject({ failed: { code: 'noNode' }, zxid: makeZxid(2, 9) });
    expect(refusal?.failed.reason).toMatch(/^\/.*\u2026.*does not exist$/);
    expect(refusal?.path).toMatch(/^\/.*\u2026.*\/end$/);
    const bytes = metadata.get('grpc-status-details-bin')[0]?.length ?? Infinity;
    // As gRPC sends them: percent-encoded, and in base64.
    expect(encodeURI(details).length + Math.ceil((bytes * 4) / 3)).toBeLessThan(8 * 1024);
  },
);
