import type { Link } from '@soma/memory';
import type { LinkId } from '../link-checks.js';

/** The columns of a Link; `from` is the table's name in the query. */
export function linkColumns(from: string): string {
  return LINK_COLUMNS.map((column) => `${from}.${column}`).join(', ');
}

const LINK_COLUMNS = [
  'namespace',
  'from_key',
  'to_key',
  'from_coord',
  'to_coord',
  'link_type',
  'weight',
  'properties',
  'version',
  'revision',
  'created_at',
  'updated_at',
] as const satisfies (keyof Link)[];

/** One string per identity: no part but the type, which stands last, can hold a space. */
export function linkIdText({ namespace, from_key, link_type, to_key }: LinkId): string {
  return `${namespace} ${from_key} ${to_key} ${link_type}`;
}
