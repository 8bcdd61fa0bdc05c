import { moveProgress, lockProgress, writeDeadLetters } from '@soma/ledger/postgres';
import type { ProgressMove } from '@soma/ledger';
import type { Queryable } from '@soma/postgres';
import type { Deletion } from '../port.js';

/** In the caller's transaction. @throws SomaError ownership_lost. */
export async function removeLinksOf(
  tx: Queryable,
  deletions: readonly Deletion[],
  progress: ProgressMove,
): Promise<{ removed: number }> {
  await lockProgress(tx, progress, []);
  const removed = await removeLinks(tx, deletions);
  await writeDeadLetters(tx, progress.dead_letters);
  await moveProgress(tx, progress);
  return { removed };
}

async function removeLinks(tx: Queryable, deletions: readonly Deletion[]): Promise<number> {
  if (deletions.length === 0) return 0;
  const { rowCount } = await tx.query(REMOVE_LINKS, [
    deletions.map((deletion) => deletion.namespace),
    deletions.map((deletion) => deletion.key),
    deletions.map((deletion) => deletion.revision),
  ]);
  return rowCount ?? 0;
}

/**
 * Two branches, so that each has its index. A link made after the deletion has seen it and stays; one made while this
 * runs no longer has the revisions that were read of it.
 */
const REMOVE_LINKS = `
  with deletion as materialized (
    select * from unnest($1::text[], $2::text[], $3::bigint[]) as deletion (namespace, key, revision)
  ), outdated as (
    select link.namespace, link.from_key, link.link_type, link.to_key, link.from_revision, link.to_revision
    from deletion join links as link on link.namespace = deletion.namespace and link.from_key = deletion.key
    where link.from_revision < deletion.revision
    union
    select link.namespace, link.from_key, link.link_type, link.to_key, link.from_revision, link.to_revision
    from deletion join links as link on link.namespace = deletion.namespace and link.to_key = deletion.key
    where link.to_revision < deletion.revision
  )
  delete from links using outdated
  where (links.namespace, links.from_key, links.link_type, links.to_key, links.from_revision, links.to_revision)
    = (outdated.namespace, outdated.from_key, outdated.link_type, outdated.to_key,
      outdated.from_revision, outdated.to_revision)`;
