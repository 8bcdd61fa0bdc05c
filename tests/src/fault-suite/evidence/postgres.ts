import { createPool, type Queryable } from '@soma/postgres';
import type { JsonObject } from '@soma/memory';
import { digestOf } from '../stable-json.js';
import { POISON_HEADER, hashOf } from '../workload/poison.js';
import type {
  Lag,
  DeadLetterRow,
  LinkRow,
  MemoryRow,
  OperationRow,
  ProjectedRow,
  StoredRows,
  VersionRow,
} from './rows.js';

/** A pool for looking: the suite's own statements on the product's tables. */
export async function withPostgres<T>(url: string, work: (postgres: Queryable) => Promise<T>): Promise<T> {
  const pool = createPool(
    { url, maxConnections: 2, applicationName: 'fault suite', statementTimeoutMs: 60_000 },
    () => undefined,
  );
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

export async function storedRows(postgres: Queryable, namespaces: readonly string[]): Promise<StoredRows> {
  const of = async <T extends object>(statement: string): Promise<T[]> =>
    (await postgres.query<T>(statement, [namespaces])).rows;
  return {
    operations: await of<OperationRow>(OPERATIONS),
    versions: await of<VersionRow>(VERSIONS),
    memories: await of<MemoryRow>(MEMORIES),
    links: await of<LinkRow>(LINKS),
    dead_letters: await deadLetters(postgres),
  };
}

const OPERATIONS = `
  select command_id, recorded_at, namespace, topic, partition, position, generation, coord, status, deleted, created,
    version, revision, error_code, request_hash, issuer
  from operations where namespace = any($1) order by topic, generation, partition, position`;

const VERSIONS = `
  select namespace, key, version, revision, operation_id, at, state
  from history where namespace = any($1) order by namespace, key, version`;

const MEMORIES = `
  select namespace, key, coord, deleted, payload, text, memory_type, user_id, tags, importance, version, revision,
    expires_at
  from memories where namespace = any($1)`;

const LINKS = `
  select namespace, from_key, link_type, to_key, weight, properties, revision, from_revision, to_revision
  from links where namespace = any($1)`;

async function deadLetters(postgres: Queryable): Promise<DeadLetterRow[]> {
  type Row = Omit<DeadLetterRow, 'poison' | 'value_hash'> & {
    headers: Record<string, string>;
    value: Buffer | null;
  };
  const { rows } = await postgres.query<Row>(DEAD_LETTERS);
  return rows.map(({ headers, value, ...row }) => ({
    ...row,
    poison: headers[POISON_HEADER] ?? null,
    value_hash: hashOf(value ?? Buffer.alloc(0)),
  }));
}

const DEAD_LETTERS = `
  select group_name, topic, generation, partition, position, code, headers, value from dead_letters`;

export async function logGeneration(postgres: Queryable): Promise<number> {
  const { rows } = await postgres.query<{ log_generation: number }>(
    'select log_generation from installation',
  );
  return rows[0]?.log_generation ?? 0;
}

/** Points of the embedded index, by collection. */
export async function embeddedPoints(
  postgres: Queryable,
  namespaces: readonly string[],
): Promise<Map<string, ProjectedRow[]>> {
  type Row = Omit<ProjectedRow, 'version' | 'digest'> & { collection: string; fields: JsonObject | null };
  const { rows } = await postgres.query<Row>(POINTS, [namespaces]);
  const { rows: collections } = await postgres.query<{ name: string }>('select name from index_collections');
  const points = new Map<string, ProjectedRow[]>(collections.map(({ name }) => [name, []]));
  for (const { collection, fields, ...row } of rows) {
    points.get(collection)?.push({ ...row, ...contentOf(fields) });
  }
  return points;
}

const POINTS = `
  select collection, namespace, key, revision, deleted, fields from index_points where namespace = any($1)`;

/** What a point says of the memory it stands for. */
export function contentOf(fields: JsonObject | null): Pick<ProjectedRow, 'version' | 'digest'> {
  if (fields === null) return { version: null, digest: null };
  return { version: Number(fields['version']), digest: digestOf(fields['payload'] ?? null) };
}

/** Last position whose effect each group has made; of an older log than the present one: none. */
export async function progressOf(postgres: Queryable): Promise<Map<string, number>> {
  const { rows } = await postgres.query<{ place: string; position: number }>(PROGRESS);
  return new Map(rows.map(({ place, position }) => [place, position]));
}

const PROGRESS = `
  select group_name || ' ' || topic || ' ' || partition as place,
    case when generation = log_generation then position else -1 end as position
  from progress, installation`;

/**
 * Projections that do not know how far they are: what they hold of the commands, by the Progress records they read, is
 * behind what the writer has carried out. Nothing waits longer, but tokens and `until=indexed` would wait for ever.
 */
export async function projectionLags(postgres: Queryable): Promise<Lag[]> {
  const { rows } = await postgres.query<Lag>(PROJECTION_LAGS);
  return rows;
}

const PROJECTION_LAGS = `
  select projection.group_name as "group", writer.topic, writer.partition,
    writer.position - projection.command_position as behind
  from progress as writer join progress as projection using (partition, generation)
  where writer.group_name = 'writer' and projection.topic = 'memory.events'
    and projection.command_position < writer.position`;

/** End of each partition of the log in Postgres: the position that the next record gets. */
export async function embeddedLogEnds(
  postgres: Queryable,
): Promise<{ topic: string; partition: number; end: number }[]> {
  const { rows } = await postgres.query<{ topic: string; partition: number; end: number }>(ENDS);
  return rows;
}

const ENDS = `select topic, partition, next_position as "end" from log_partitions`;
