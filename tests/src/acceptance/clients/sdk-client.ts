import { randomBytes } from 'node:crypto';
import { SomaClient, type SomaClientOptions } from '@somafractalmemory/client';
import { target } from '../client.js';

/** The SDK's client for the system under test, in a namespace of its own unless one is given. */
export function sdkClient(options: Partial<SomaClientOptions> = {}): SomaClient {
  return new SomaClient({ ...target(), namespace: `sdk-${randomBytes(8).toString('hex')}`, ...options });
}
