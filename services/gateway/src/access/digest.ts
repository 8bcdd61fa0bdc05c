import { createHash } from 'node:crypto';

/** SHA-256. A secret of 32 random bytes needs no slow hash: nobody tries them all. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
