import { crc32 } from 'node:zlib';

/** Below this size a loop here is faster than a call of zlib, which takes 200 ns. */
const LONG = 128;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Returns the CRC-32 of a part of bytes. @param seed CRC-32 of bytes in front of them, or any number that only the writer knows */
export function checksum(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  if (end - start >= LONG) return crc32(bytes.subarray(start, end), seed);
  let value = ~seed;
  for (let at = start; at < end; at++) value = TABLE[(value ^ bytes[at]!) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
}
