import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isReachableByAll } from './account.js';
import { SYSTEM_FOLDER } from './binaries.js';

/**
 * Where Postgres keeps its files for an existing data folder: inside it, unless this process is root and the account
 * that runs Postgres cannot enter the folder (below /root, say).
 */
export async function postgresFolder(dataFolder: string): Promise<string> {
  const asRoot = process.getuid?.() === 0;
  if (!asRoot || (await isReachableByAll(dataFolder))) return join(dataFolder, 'postgres');
  return join(SYSTEM_FOLDER, createHash('sha256').update(dataFolder).digest('hex').slice(0, 16));
}
