import { randomBytes } from 'node:crypto';
import { SECRET_PREFIX } from './token-table.js';

/** 256 random bits. */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}
