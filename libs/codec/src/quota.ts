import { trustedPath } from '@paddock/model';
import type { Quota, ZnodePath } from '@paddock/model';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

export interface PlacedQuota {
  readonly path: ZnodePath;
  readonly quota: Quota;
}

/** In the log and in snapshots. */
export function writeQuota(writer: ByteWriter, { path, quota }: PlacedQuota): void {
  writer.text(path);
  writer.f64(quota.countHard);
  writer.f64(quota.countSoft);
  writer.f64(quota.bytesHard);
  writer.f64(quota.bytesSoft);
}

export function readQuota(reader: ByteReader): PlacedQuota {
  return {
    path: trustedPath(reader.text()),
    quota: {
      countHard: reader.safeInteger(),
      countSoft: reader.safeInteger(),
      bytesHard: reader.safeInteger(),
      bytesSoft: reader.safeInteger(),
    },
  };
}
