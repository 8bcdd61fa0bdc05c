import { inTransaction, withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import type { CheckedLinks, LinkChecks, LinkFault, LinkId } from '../link-checks.js';
import { linkIdText } from './link-row.js';

export function createLinkChecks(pool: pg.Pool): LinkChecks {
  const check = (statement: string, values: unknown[]): Promise<CheckedRow[]> =>
    withStoreErrors(async () => (await pool.query<CheckedRow>(statement, values)).rows);
  return {
    page: async ({ after, limit, namespace }) => {
      const from = [
        after?.namespace ?? '',
        after?.from_key ?? '',
        after?.link_type ?? '',
        after?.to_key ?? '',
      ];
      const checked = checkedOf(await check(PAGE, [...from, limit, namespace]));
      return checked.links < limit ? { ...checked, next: null } : checked;
    },
    sample: async ({ size, namespace }) => ({
      ...checkedOf(await check(SAMPLE, [size, namespace])),
      next: null,
    }),
    of: async (ids) => (ids.length === 0 ? [] : checkedOf(await check(OF, columnsOf(ids))).faults),
    mend: (faults) => mend(pool, faults),
    count: (namespace) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ count: number }>(COUNT, [namespace]);
        return rows[0]?.count ?? 0;
      }),
  };
}

/** A link once for each fault, or once with nulls. */
type CheckedRow = LinkId & (LinkFault | { fault: null });

function checkedOf(rows: CheckedRow[]): CheckedLinks {
  const last = rows.at(-1);
  return {
    links: new Set(rows.map(linkIdText)).size,
    faults: rows.filter((row): row is LinkFault => row.fault !== null),
    next: last === undefined ? null : idOf(last),
  };
}

function idOf({ namespace, from_key, link_type, to_key }: LinkId): LinkId {
  return { namespace, from_key, link_type, to_key };
}

function columnsOf(ids: readonly LinkId[]): string[][] {
  return [
    ids.map((id) => id.namespace),
    ids.map((id) => id.from_key),
    ids.map((id) => id.link_type),
    ids.map((id) => id.to_key),
  ];
}

async function mend(pool: pg.Pool, faults: readonly LinkFault[]): Promise<void> {
  const recorded = (of: readonly LinkFault[]) => [
    ...columnsOf(of),
    of.map((fault) => fault.from_revision),
    of.map((fault) => fault.to_revision),
  ];
  const gone = faults.filter(({ fault }) => fault !== 'ahead');
  const ahead = faults.filter(({ fault }) => fault === 'ahead');
  await inTransaction(pool, async (tx) => {
    if (gone.length > 0) await tx.query(REMOVE, recorded(gone));
    if (ahead.length > 0) await tx.query(TAKE_BACK, recorded(ahead));
  });
}

/**
 * The faults of the links in `link`. A memory that was deleted and made again tells of the deletion in its history
 * only.
 */
const FAULTS = `
  select link.namespace, link.from_key, link.link_type, link.to_key, link.from_revision, link.to_revision,
    faulty.fault, faulty.coord, faulty.recorded, faulty.revision, faulty.partition
  from link left join lateral (
    select
      case
        when deletion.revision is not null then 'outlived'
        when memory.key is null then 'unfounded'
        else 'ahead'
      end as fault,
      side.coord, side.recorded,
      coalesce(deletion.revision, memory.revision) as revision,
      coalesce(deletion.partition, memory.partition) as partition
    from (values
      (1, link.from_key, link.from_coord, link.from_revision),
      (2, link.to_key, link.to_coord, link.to_revision)
    ) as side (place, key, coord, recorded)
    left join memories as memory on memory.namespace = link.namespace and memory.key = side.key
    left join lateral (
      select revision, partition from (
        select memory.revision, memory.partition where memory.deleted and memory.revision > side.recorded
        union all
        select history.revision, history.partition from history
        where history.namespace = link.namespace and history.key = side.key
          and history.revision > side.recorded and (history.state ->> 'deleted')::boolean
      ) as known
      order by revision desc limit 1
    ) as deletion on true
    where deletion.revision is not null or side.recorded > coalesce(memory.revision, 0)
    order by side.place
  ) as faulty on true
  order by link.namespace, link.from_key, link.link_type, link.to_key`;

/** $1 to $4 the link to begin after, $5 most links, $6 namespace or null. */
const PAGE = `
  with link as (
    select * from links
    where (namespace, from_key, link_type, to_key) > ($1, $2, $3, $4) and ($6::text is null or namespace = $6)
    order by namespace, from_key, link_type, to_key
    limit $5
  ) ${FAULTS}`;

/** $1 how many, $2 namespace or null. */
const SAMPLE = `
  with link as (
    select * from links where $2::text is null or namespace = $2 order by random() limit $1
  ) ${FAULTS}`;

/** $1 to $4 the ids by column. */
const OF = `
  with link as (
    select * from links
    where (namespace, from_key, link_type, to_key)
      in (select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]))
  ) ${FAULTS}`;

/** $1 to $4 ids, $5 and $6 the recorded revisions, which a link written meanwhile no longer has. */
const STILL = `
  unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
    as still (namespace, from_key, link_type, to_key, from_revision, to_revision)
  where (links.namespace, links.from_key, links.link_type, links.to_key, links.from_revision, links.to_revision)
    = (still.namespace, still.from_key, still.link_type, still.to_key, still.from_revision, still.to_revision)`;

const REMOVE = `delete from links using ${STILL}`;

const TAKE_BACK = `
  update links set
    from_revision = least(links.from_revision, coalesce(
      (select revision from memories where namespace = links.namespace and key = links.from_key), 0)),
    to_revision = least(links.to_revision, coalesce(
      (select revision from memories where namespace = links.namespace and key = links.to_key), 0))
  from ${STILL}`;

const COUNT = `select count(*) as count from links where $1::text is null or namespace = $1`;
