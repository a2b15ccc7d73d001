/**
 * Finds a row by the hash of its path: open addressing with linear probing, in shards that grow each on
 * its own, so that no growth rehashes more than a small part. A slot is (row, hash); row 0 is empty.
 * Whether a row of the right hash has the right path is for the caller to check.
 */

const SHARD_BITS = 8;
const SHARDS = 1 << SHARD_BITS;
const FIRST_SLOTS = 16;

/** Spreads a path's hash over all bits: the upper ones choose the shard, the lower ones the slot. */
function spread(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x7feb_352d);
  h = Math.imul(h ^ (h >>> 15), 0x846c_a68b);
  return (h ^ (h >>> 16)) >>> 0;
}

class Shard {
  slots = new Int32Array(2 * FIRST_SLOTS);
  mask = FIRST_SLOTS - 1;
  used = 0;
}

export class PathIndex {
  readonly #shards = Array.from({ length: SHARDS }, () => new Shard());
  #shard = this.#shardOf(0);
  #slot = 0;
  #hash = 0;

  get memoryBytes(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.slots.byteLength, 0);
  }

  /** What stands where the search for this hash begins, whatever it is: brings it near. */
  touch(hash: number): number {
    const position = spread(hash);
    const { slots, mask } = this.#shardOf(position);
    return slots[(position & mask) << 1] ?? 0;
  }

  /** The first row of this hash, or 0. */
  first(hash: number): number {
    const position = spread(hash);
    this.#hash = hash;
    this.#shard = this.#shardOf(position);
    this.#slot = position & this.#shard.mask;
    return this.#scan();
  }

  /** The next row of the hash that `first` was asked for, or 0. */
  next(): number {
    this.#slot = (this.#slot + 1) & this.#shard.mask;
    return this.#scan();
  }

  insert(hash: number, row: number): void {
    const position = spread(hash);
    const shard = this.#shardOf(position);
    // Linear probing stays short up to three quarters.
    if (shard.used * 4 >= (shard.mask + 1) * 3) grow(shard);
    shard.used++;
    place(shard.slots, shard.mask, position, hash, row);
  }

  remove(hash: number, row: number): void {
    const position = spread(hash);
    const shard = this.#shardOf(position);
    const { slots, mask } = shard;
    let slot = position & mask;
    while (slots[slot << 1] !== row) {
      if (slots[slot << 1] === 0) return;
      slot = (slot + 1) & mask;
    }
    shard.used--;
    closeGap(slots, mask, slot);
  }

  #scan(): number {
    const { slots, mask } = this.#shard;
    const hash = this.#hash;
    let slot = this.#slot;
    for (;;) {
      const row = slots[slot << 1] ?? 0;
      if (row === 0 || slots[(slot << 1) + 1] === hash) {
        this.#slot = slot;
        return row;
      }
      slot = (slot + 1) & mask;
    }
  }

  #shardOf(position: number): Shard {
    return this.#shards[position >>> (32 - SHARD_BITS)] ?? new Shard();
  }
}

function place(slots: Int32Array, mask: number, position: number, hash: number, row: number): void {
  let slot = position & mask;
  while (slots[slot << 1] !== 0) slot = (slot + 1) & mask;
  slots[slot << 1] = row;
  slots[(slot << 1) + 1] = hash;
}

/** Moves up what stands behind the gap and may stand in it, so that no probe ends too early. */
function closeGap(slots: Int32Array, mask: number, gap: number): void {
  let slot = gap;
  for (;;) {
    slot = (slot + 1) & mask;
    const row = slots[slot << 1] ?? 0;
    if (row === 0) break;
    const hash = slots[(slot << 1) + 1] ?? 0;
    const home = spread(hash) & mask;
    if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
    slots[gap << 1] = row;
    slots[(gap << 1) + 1] = hash;
    gap = slot;
  }
  slots[gap << 1] = 0;
  slots[(gap << 1) + 1] = 0;
}

function grow(shard: Shard): void {
  const old = shard.slots;
  const mask = shard.mask * 2 + 1;
  const slots = new Int32Array(2 * (mask + 1));
  for (let i = 0; i < old.length; i += 2) {
    const row = old[i] ?? 0;
    if (row === 0) continue;
    const hash = old[i + 1] ?? 0;
    place(slots, mask, spread(hash), hash, row);
  }
  shard.slots = slots;
  shard.mask = mask;
}
