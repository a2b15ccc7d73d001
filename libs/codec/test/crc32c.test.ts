import { describe, expect, it } from 'vitest';
import { crc32c } from '../src/crc32c.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('CRC-32C', () => {
  it('has the check value of its definition', () => {
    expect(crc32c(bytes('123456789'))).toBe(0xe306_9283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8_ab43);
  });

  it('goes on from what came before', () => {
    const whole = bytes('the quick brown fox jumps over the lazy dog');
    for (let cut = 0; cut <= whole.length; cut++) {
      expect(crc32c(whole.subarray(cut), crc32c(whole.subarray(0, cut)))).toBe(crc32c(whole));
      expect(crc32c(whole, crc32c(whole, 0, 0, cut), cut)).toBe(crc32c(whole));
    }
  });
});
