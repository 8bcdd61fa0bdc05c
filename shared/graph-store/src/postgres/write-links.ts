import type { Link } from '@soma/memory';
import { timestamp, type Queryable } from '@soma/postgres';
import { endText, type LinkEnds } from './lock-links.js';
import type { LinkId } from '../link-checks.js';

/** Each link at most once. */
export async function writeLinks(tx: Queryable, links: readonly Link[], ends: LinkEnds): Promise<void> {
  if (links.length === 0) return;
  const column = <T>(value: (link: Link) => T): T[] => links.map(value);
  await tx.query({
    ...WRITE_LINKS,
    values: [
      column((link) => link.namespace),
      column((link) => link.from_key),
      column((link) => link.link_type),
      column((link) => link.to_key),
      column((link) => link.from_coord),
      column((link) => link.to_coord),
      column((link) => link.weight),
      column((link) => JSON.stringify(link.properties)),
      column((link) => link.version),
      column((link) => link.revision),
      column((link) => ends.get(endText(link.namespace, link.from_key))?.revision ?? 0),
      column((link) => ends.get(endText(link.namespace, link.to_key))?.revision ?? 0),
      column((link) => timestamp(link.created_at)),
      column((link) => timestamp(link.updated_at)),
    ],
  });
}

const WRITE_LINKS = {
  name: 'write_links',
  text: `
  insert into links (
    namespace, from_key, link_type, to_key, from_coord, to_coord, weight, properties, version, revision,
    from_revision, to_revision, created_at, updated_at)
  select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::json[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::bigint[], $13::timestamptz[], $14::timestamptz[])
  on conflict (namespace, from_key, link_type, to_key) do update set
    from_coord = excluded.from_coord, to_coord = excluded.to_coord, weight = excluded.weight,
    properties = excluded.properties, version = excluded.version, revision = excluded.revision,
    from_revision = excluded.from_revision, to_revision = excluded.to_revision, updated_at = excluded.updated_at`,
};

export async function deleteLinks(tx: Queryable, ids: readonly LinkId[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(DELETE_LINKS, [
    ids.map((id) => id.namespace),
    ids.map((id) => id.from_key),
    ids.map((id) => id.link_type),
    ids.map((id) => id.to_key),
  ]);
}

const DELETE_LINKS = `
  delete from links
  where (namespace, from_key, link_type, to_key) in (select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]))`;
