import { createHash, type Hash } from 'node:crypto';

/** Tells whether the record at a position is still the same: half a SHA-256 of key and value, 32 hex digits. */
export function fingerprintOf(record: { key: string | null; value: Buffer | null }): string {
  const hash = createHash('sha256');
  addPart(hash, record.key === null ? null : Buffer.from(record.key, 'utf8'));
  addPart(hash, record.value);
  return hash.digest('hex').slice(0, 32);
}

/** Each part after its length, so that no two records read the same; -1 stands for null. */
function addPart(hash: Hash, bytes: Buffer | null): void {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes === null ? -1 : bytes.length);
  hash.update(length);
  if (bytes !== null) hash.update(bytes);
}
