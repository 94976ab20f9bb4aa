/** Bits of V8's hash of a number that choose the bucket in a Map of up to 65,536 buckets. */
const BUCKET_BITS = 16;

/** Returns integers that have one bucket in a Map of V8, which hashes integers of 32 bits without a seed: the hash, taken back. */
export function collidingIntegers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => unhashed(n << BUCKET_BITS));
}

/** The inverse of V8's `ComputeUnseededHash`, step by step from its end. */
function unhashed(hash: number): number {
  let key = unshifted(hash, 16);
  key = Math.imul(key, inverse(2057));
  key = unshifted(key, 4);
  key = Math.imul(key, inverse(5));
  key = unshifted(key, 12);
  return Math.imul(key + 1, inverse((1 << 15) - 1)) | 0;
}

/** Takes back `hash ^ (hash >>> bits)`. */
function unshifted(hash: number, bits: number): number {
  let key = hash;
  for (let done = bits; done < 32; done += bits) key = hash ^ (key >>> bits);
  return key;
}

/** Returns the inverse of an odd factor modulo 2^32. */
function inverse(factor: number): number {
  let inverse = factor;
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
  return inverse;
}
