import { crc32c } from '@paddock/codec';
import { counterOf, epochOf } from '@paddock/model';
import type { Zxid } from '@paddock/model';

/**
 * `<epoch>.<counter>.<digest>.<offer>` in hexadecimal. The digest is one of the snapshot's last chunk, in which the
 * digests of its rows stand; the offer is drawn by whoever brings it, so that no name comes twice.
 */
export function backupName(zxid: Zxid, end: Uint8Array, offer: string): string {
  const digest = crc32c(end);
  const words = [digest, crc32c(end, digest ^ 0x9e37_79b1)].map(hexadecimal);
  return `${zxidInName(zxid)}.${words.join('')}.${offer}`;
}

/** What was drawn for the name; undefined for what is none. */
export function offerOf(name: string): string | undefined {
  return /^[0-9a-f]{8}\.[0-9a-f]{8}\.[0-9a-f]{16}\.([0-9a-f]{1,32})$/u.exec(name)?.[1];
}

/** In names of files: of fixed width, so that they sort as zxids do. */
export function zxidInName(zxid: Zxid): string {
  return `${hexadecimal(epochOf(zxid))}.${hexadecimal(counterOf(zxid))}`;
}

function hexadecimal(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
