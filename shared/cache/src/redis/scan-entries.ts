import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connection.js';

/** A page of one server's keys. */
interface KeysPage {
  keys: string[];
  /** Null when no server has further ones. */
  next: string | null;
}

/**
 * SCAN over every server that holds keys, one after the other. The cursor names the server by its place among their
 * addresses, so that it is good after a reconnect too.
 */
export async function scanKeys(
  client: RedisClient,
  pattern: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<KeysPage> {
  const nodes = holders(client);
  const [place = '0', from = '0'] = (after ?? '').split(':');
  const at = Number(place);
  const node = nodes[at];
  if (node === undefined) return { keys: [], next: null };
  const [cursor, keys] = await node.scan(from, 'MATCH', pattern, 'COUNT', limit);
  if (cursor !== '0') return { keys, next: `${at}:${cursor}` };
  return { keys, next: at + 1 < nodes.length ? `${at + 1}:0` : null };
}

function holders(client: RedisClient): Redis[] {
  if (!(client instanceof Cluster)) return [client];
  const addressOf = ({ options: { host = '', port = 0 } }: Redis) => `${host}:${port}`;
  return client.nodes('master').sort((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
}

/** So that a prefix is only itself. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]^-]/g, String.raw`\$&`);
}
