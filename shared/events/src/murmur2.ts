const SEED = 0x9747b28c | 0;
const M = 0x5bd1e995;
const R = 24;

/** MurmurHash2, 32 bits, signed, as Kafka's Java client seeds it (org.apache.kafka.common.utils.Utils.murmur2). */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const whole = length - (length % 4);
  let hash = SEED ^ length;
  for (let at = 0; at < whole; at += 4) {
    let block = Math.imul(view.getInt32(at, true), M);
    block ^= block >>> R;
    hash = Math.imul(hash, M) ^ Math.imul(block, M);
  }
  if (length > whole) {
    let tail = 0;
    for (let at = length - 1; at >= whole; at -= 1) tail = (tail << 8) | view.getUint8(at);
    hash = Math.imul(hash ^ tail, M);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

const encoder = new TextEncoder();

/** The partition that Java's producers choose for a key: the sign bit is dropped, not negated. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions;
}
