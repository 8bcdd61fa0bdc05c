import type { ErrorCode } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type {
  DeadLetterEntry,
  DeadLetterQuery,
  DeadLetterSettlement,
  DeadLetterStatus,
  KeptDeadLetter,
} from '../dead-letter.js';

type EntryRow = Omit<DeadLetterEntry, 'redriven_to'> & {
  redriven_generation: number | null;
  redriven_partition: number | null;
  redriven_position: number | null;
};

const ENTRY_COLUMNS = `
  id, group_name as "group", topic, generation, partition, position, code, message, attempts, first_failed_at,
  recorded_at, command_id, namespace, coord, memory_key, status, changed_at, changed_by, redriven_generation,
  redriven_partition, redriven_position, erased_at`;

function entryFromRow<Row extends EntryRow>({
  redriven_generation: generation,
  redriven_partition: partition,
  redriven_position: position,
  ...row
}: Row) {
  const redriven_to =
    generation === null || partition === null || position === null
      ? null
      : { generation, partition, position };
  return { ...row, redriven_to };
}

export async function listDeadLetters(
  connection: Queryable,
  { status, group, code, namespace, topic, before, limit }: DeadLetterQuery,
): Promise<DeadLetterEntry[]> {
  const values = [status, group, code, namespace, topic, before, limit];
  const { rows } = await connection.query<EntryRow>(LIST_DEAD_LETTERS, values);
  return rows.map(entryFromRow);
}

const LIST_DEAD_LETTERS = `
  select ${ENTRY_COLUMNS} from dead_letters
  where ($1::text is null or status = $1)
    and ($2::text is null or group_name = $2)
    and ($3::text is null or code = $3)
    and ($4::text is null or namespace = $4)
    and ($5::text is null or topic = $5)
    and ($6::bigint is null or id < $6)
  order by id desc
  limit $7`;

export async function readDeadLetter(connection: Queryable, id: number): Promise<KeptDeadLetter | undefined> {
  type Row = EntryRow & Pick<KeptDeadLetter, 'value' | 'headers'> & { key: Buffer | null };
  const { rows } = await connection.query<Row>(READ_DEAD_LETTER, [id]);
  const [row] = rows;
  return row === undefined ? undefined : { ...entryFromRow(row), key: row.key?.toString('utf8') ?? null };
}

const READ_DEAD_LETTER = `select ${ENTRY_COLUMNS}, key, value, headers from dead_letters where id = $1`;

export async function settleDeadLetter(
  connection: Queryable,
  { id, by, redriven_to, force }: DeadLetterSettlement,
): Promise<boolean> {
  const status: DeadLetterStatus = redriven_to === null ? 'discarded' : 'redriven';
  const { generation = null, partition = null, position = null } = redriven_to ?? {};
  const { rowCount } = await connection.query(SETTLE_DEAD_LETTER, [
    id,
    force,
    status,
    by,
    generation,
    partition,
    position,
  ]);
  return rowCount === 1;
}

const SETTLE_DEAD_LETTER = `
  update dead_letters set
    status = $3, changed_by = $4, changed_at = now(),
    redriven_generation = $5, redriven_partition = $6, redriven_position = $7
  where id = $1 and ($2 or status = 'open')`;

export async function countDeadLetters(
  connection: Queryable,
): Promise<{ status: DeadLetterStatus; code: ErrorCode; count: number }[]> {
  const { rows } = await connection.query<{ status: DeadLetterStatus; code: ErrorCode; count: number }>(
    COUNT_DEAD_LETTERS,
  );
  return rows;
}

const COUNT_DEAD_LETTERS = `
  select status, code, count(*) as count from dead_letters group by status, code order by status, code`;

/** Rows that one statement removes, so that none holds its locks for long. */
const PAGE = 1_000;

/** Removes the letters of longer than `keepDays` ago, whatever was done with them; what memory.dlq lacks stays. */
export async function removeOldDeadLetters(connection: Queryable, keepDays: number): Promise<number> {
  for (let removed = 0; ;) {
    const { rowCount } = await connection.query(REMOVE_OLD_DEAD_LETTERS, [keepDays, PAGE]);
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < PAGE) return removed;
  }
}

const REMOVE_OLD_DEAD_LETTERS = `
  delete from dead_letters where id in (
    select id from dead_letters
    where published and recorded_at < now() - $1::int * interval '1 day'
    order by recorded_at
    limit $2)`;
