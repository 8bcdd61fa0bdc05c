import type { Link } from '@soma/memory';
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

/** Revision by `namespace key` of each end that has a row, a tombstone among them. */
export type EndRevisions = Map<string, number>;

/**
 * Shares the rows of both ends until the transaction is over, in the order in which the writer locks them: a
 * deletion either is seen here, or waits and comes after the link, so that its event finds the link to remove.
 */
export async function shareEnds(tx: Queryable, ids: readonly LinkId[]): Promise<EndRevisions> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{ namespace: string; key: string; revision: number }>({
    ...SHARE_ENDS,
    values: [
      ids.flatMap((id) => [id.namespace, id.namespace]),
      ids.flatMap((id) => [id.from_key, id.to_key]),
    ],
  });
  return new Map(rows.map(({ namespace, key, revision }) => [endText(namespace, key), revision]));
}

const SHARE_ENDS = {
  name: 'share_ends',
  text: `
  select namespace, key, revision from memories
  where (namespace, key) in (select * from unnest($1::text[], $2::text[]))
  order by namespace, key
  for share`,
};

export function endText(namespace: string, key: string): string {
  return `${namespace} ${key}`;
}
