const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const encoder = new TextEncoder();

/**
 * The 32-bit id of a term: FNV-1a over its UTF-8 bytes (draft-eastlake-fnv, section 5). Stored with every sparse
 * vector, so another function means indexing everything again.
 */
export function termId(term: string): number {
  let hash = OFFSET_BASIS;
  for (let at = 0; at < term.length; at++) {
    const code = term.charCodeAt(at);
    if (code > 0x7f) return hashBytes(encoder.encode(term));
    hash = Math.imul(hash ^ code, PRIME);
  }
  return hash >>> 0;
}

function hashBytes(bytes: Uint8Array): number {
  let hash = OFFSET_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}
