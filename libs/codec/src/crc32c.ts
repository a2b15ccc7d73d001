/** CRC-32C (Castagnoli), eight bytes a step: finds every change of up to 32 bits in a row. */

const POLYNOMIAL = 0x82f6_3b78;
const WIDTH = 8;

type Table = Int32Array;
type Tables = readonly [Table, Table, Table, Table, Table, Table, Table, Table];

const [T0, T1, T2, T3, T4, T5, T6, T7] = makeTables();

/** `seed` is the checksum of what came before, 0 at the start. The result is unsigned. */
export function crc32c(bytes: Uint8Array, seed = 0, start = 0, end = bytes.length): number {
  let crc = ~seed;
  let i = start;
  for (const stop = end - WIDTH; i <= stop; i += WIDTH) {
    crc ^= word(bytes, i);
    crc =
      at(T7, crc) ^
      at(T6, crc >>> 8) ^
      at(T5, crc >>> 16) ^
      at(T4, crc >>> 24) ^
      at(T3, bytes[i + 4] ?? 0) ^
      at(T2, bytes[i + 5] ?? 0) ^
      at(T1, bytes[i + 6] ?? 0) ^
      at(T0, bytes[i + 7] ?? 0);
  }
  for (; i < end; i++) crc = at(T0, crc ^ (bytes[i] ?? 0)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function at(table: Table, index: number): number {
  return table[index & 0xff] ?? 0;
}

function word(bytes: Uint8Array, i: number): number {
  const low = (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8);
  return low | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24);
}

/** The k-th table is a byte's effect when k more bytes follow it. */
function makeTables(): Tables {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : POLYNOMIAL);
    first[byte] = crc;
  }
  const behind = (table: Table): Table => table.map((crc) => at(first, crc) ^ (crc >>> 8));
  const t1 = behind(first);
  const t2 = behind(t1);
  const t3 = behind(t2);
  const t4 = behind(t3);
  const t5 = behind(t4);
  const t6 = behind(t5);
  return [first, t1, t2, t3, t4, t5, t6, behind(t6)];
}
