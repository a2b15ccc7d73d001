import { ByteWriter, crc32c, readQuota, writeQuota } from '@paddock/codec';
import type { ByteReader } from '@paddock/codec';
import { isNoQuota, isWithin } from '@paddock/model';
import type { Quota, QuotaUse, ZnodePath } from '@paddock/model';
import { digestDifference, digestSum, NO_DIGEST } from './digest.ts';
import type { Digest } from './digest.ts';
import type { ZnodeStore } from './znodes/znode-store.ts';

const QUOTA_MIN_BYTES = 4 + 4 * 8;

/** The quotas of znodes that exist. There are few; what they allow the request processor sees to. */
export class QuotaTable {
  readonly #quotas = new Map<ZnodePath, Quota>();
  #digest = NO_DIGEST;

  get size(): number {
    return this.#quotas.size;
  }

  set(path: ZnodePath, quota: Quota): void {
    this.znodeDeleted(path);
    if (isNoQuota(quota)) return;
    this.#quotas.set(path, quota);
    this.#digest = digestSum(this.#digest, digestOf(path, quota));
  }

  /** A quota ends with its znode. */
  znodeDeleted(path: ZnodePath): void {
    if (this.#quotas.size === 0) return;
    const quota = this.#quotas.get(path);
    if (quota === undefined) return;
    this.#quotas.delete(path);
    this.#digest = digestDifference(this.#digest, digestOf(path, quota));
  }

  /** Those of the znode and of all below it, in the order of their paths, with what they have come to. */
  uses(path: ZnodePath, znodes: ZnodeStore): QuotaUse[] {
    const uses: QuotaUse[] = [];
    for (const [at, quota] of this.#quotas) {
      if (isWithin(at, path)) uses.push({ path: at, quota, ...useOf(at, znodes) });
    }
    return uses.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Kept with every change; NO_DIGEST where there are none. */
  digest(): Digest {
    return this.#digest;
  }

  /** Made anew of what stands here. */
  digestAnew(): Digest {
    let digest = NO_DIGEST;
    for (const [path, quota] of this.#quotas) digest = digestSum(digest, digestOf(path, quota));
    return digest;
  }

  write(writer: ByteWriter): void {
    writer.u32(this.#quotas.size);
    for (const [path, quota] of this.#quotas) writeQuota(writer, { path, quota });
  }

  /** Throws CodecError. */
  read(reader: ByteReader): void {
    const count = reader.count(QUOTA_MIN_BYTES);
    for (let i = 0; i < count; i++) {
      const { path, quota } = readQuota(reader);
      this.set(path, quota);
    }
    reader.expectEnd();
  }
}

/** What the znode and all below it come to; nothing where there is none. */
export function useOf(path: ZnodePath, znodes: ZnodeStore): { count: number; bytes: number } {
  const row = znodes.find(path);
  if (row < 0) return { count: 0, bytes: 0 };
  return { count: znodes.descendants(row) + 1, bytes: znodes.subtreeBytes(row) };
}

/** Two lanes: the bytes, and the bytes behind another beginning. */
function digestOf(path: ZnodePath, quota: Quota): Digest {
  const writer = new ByteWriter(256);
  writeQuota(writer, { path, quota });
  const high = crc32c(writer.peek());
  writer.u32(high ^ path.length);
  return { high, low: Math.imul(crc32c(writer.peek()) ^ 0x9e37_79b1, 0x85eb_ca6b) >>> 0 };
}
