import type { Queryable } from '@soma/postgres';
import type { LinkIdentity, MemoryIdentity, Standing } from '../port.js';

export async function readStanding(
  connection: Queryable,
  of: MemoryIdentity | LinkIdentity,
): Promise<Standing | undefined> {
  const { rows } = await ('key' in of
    ? connection.query<Standing>(MEMORY_STANDING, [of.namespace, of.key])
    : connection.query<Standing>(LINK_STANDING, [of.namespace, of.from_key, of.link_type, of.to_key]));
  return rows[0];
}

const MEMORY_STANDING = `
  select version, revision, deleted, updated_at from memories where namespace = $1 and key = $2`;

const LINK_STANDING = `
  select version, revision, false as deleted, updated_at from links
  where namespace = $1 and from_key = $2 and link_type = $3 and to_key = $4`;
