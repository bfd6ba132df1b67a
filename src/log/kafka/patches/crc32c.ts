/**
 * CRC-32C (Castagnoli) as each batch of records carries it, eight bytes a step (slicing by eight):
 * twice as fast as byte by byte, about 1 ns a byte. The platform has only the other CRC-32.
 */

const polynomial = 0x82f63b78
/** Eight tables of 256: the k-th tells what a byte does to the checksum k bytes further on. */
const tables = newTables()

/** Of the bytes from `from` up to `to`, as an unsigned number of 32 bits. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1
  let at = from
  for (; at + 8 <= to; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      tables[1_792 + (crc & 255)]! ^
      tables[1_536 + ((crc >>> 8) & 255)]! ^
      tables[1_280 + ((crc >>> 16) & 255)]! ^
      tables[1_024 + (crc >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!
  }
  for (; at < to; at += 1) crc = tables[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}

function newTables(): Int32Array {
  const all = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    all[byte] = crc
  }
  for (let at = 256; at < all.length; at += 1)
    all[at] = (all[at - 256]! >>> 8) ^ all[all[at - 256]! & 255]!
  return all
}
