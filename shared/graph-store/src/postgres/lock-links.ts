import type { Link } from '@soma/memory';
import { liveCondition } from '@soma/memory-store/postgres';
import type { Queryable } from '@soma/postgres';
import type { LinkId } from '../link-checks.js';
import { linkColumns, linkIdText } from './link-row.js';

export async function lockLinks(tx: Queryable, ids: readonly LinkId[]): Promise<Map<string, Link>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<Link>({
    ...LOCK_LINKS,
    values: [
      ids.map((id) => id.namespace),
      ids.map((id) => id.from_key),
      ids.map((id) => id.link_type),
      ids.map((id) => id.to_key),
    ],
  });
  return new Map(rows.map((link) => [linkIdText(link), link]));
}

const LOCK_LINKS = {
  name: 'lock_links',
  text: `
  select ${linkColumns('links')} from links
  where (namespace, from_key, link_type, to_key) in (select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]))
  order by namespace, from_key, link_type, to_key
  for update`,
};

/** What is at an end of a link: a memory, or what stays of one. */
export interface LinkEnd {
  revision: number;
  /** Whose memory it is, while there is a live one. */
  live: boolean;
  user_id: string | null;
}

/** By `namespace key`, of each end that has a row. */
export type LinkEnds = Map<string, LinkEnd>;

/**
 * Shares the rows of both ends until the transaction is over, in the order in which the writer locks them: a
 * deletion either is seen here, or waits and comes after the link, so that its event finds the link to remove.
 */
export async function shareEnds(tx: Queryable, ids: readonly LinkId[]): Promise<LinkEnds> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<LinkEnd & { namespace: string; key: string }>({
    ...SHARE_ENDS,
    values: [
      ids.flatMap((id) => [id.namespace, id.namespace]),
      ids.flatMap((id) => [id.from_key, id.to_key]),
    ],
  });
  return new Map(rows.map(({ namespace, key, ...end }) => [endText(namespace, key), end]));
}

const SHARE_ENDS = {
  name: 'share_ends',
  text: `
  select namespace, key, revision, user_id, ${liveCondition('memories')} as live from memories
  where (namespace, key) in (select * from unnest($1::text[], $2::text[]))
  order by namespace, key
  for share`,
};

export function endText(namespace: string, key: string): string {
  return `${namespace} ${key}`;
}
