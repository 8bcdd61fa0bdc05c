import { isNamespace, isUuid, parseCoordinate, type Operation } from '@soma/memory';
import { timestamp, type Queryable } from '@soma/postgres';
import { HEADERS, type Topic } from '@soma/events';
import type { DeadLetter } from '../dead-letter.js';

/** Writes what is not there yet; a letter is unique by group and position. */
export async function writeDeadLetters(tx: Queryable, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const column = <T>(value: (letter: DeadLetter) => T): T[] => letters.map(value);
  await tx.query(INSERT_DEAD_LETTERS, [
    column((letter) => letter.group),
    column((letter) => letter.topic),
    column((letter) => letter.generation),
    column((letter) => letter.partition),
    column((letter) => letter.position),
    column((letter) => (letter.key === null ? null : Buffer.from(letter.key, 'utf8'))),
    column((letter) => letter.value),
    column((letter) => JSON.stringify(letter.headers)),
    column((letter) => letter.code),
    column((letter) => readable(letter.message)),
    column((letter) => letter.attempts),
    column((letter) => timestamp(letter.first_failed_at)),
    column((letter) => timestamp(letter.recorded_at)),
    // Both are in an index, whose rows hold little: what is no id or no namespace may be of any length.
    column(({ command_id }) => (command_id !== null && isUuid(command_id) ? command_id : null)),
    column((letter) => readable(letter.namespace)),
    column((letter) => readable(letter.coord)),
    column(({ namespace, coord }) =>
      isNamespace(namespace ?? '') ? (parseCoordinate(coord ?? '')?.key ?? null) : null,
    ),
  ]);
}

const INSERT_DEAD_LETTERS = `
  insert into dead_letters (
    group_name, topic, generation, partition, position, key, value, headers, code, message, attempts,
    first_failed_at, recorded_at, command_id, namespace, coord, memory_key)
  select * from unnest(
    $1::text[], $2::text[], $3::int[], $4::int[], $5::bigint[], $6::bytea[], $7::bytea[], $8::json[], $9::text[],
    $10::text[], $11::int[], $12::timestamptz[], $13::timestamptz[], $14::text[], $15::text[], $16::text[],
    $17::text[])
  on conflict (group_name, topic, generation, partition, position) do nothing`;

/** A refused record may hold anything, and its row must not be refused as well: U+0000 becomes U+FFFD. */
function readable(text: string): string;
function readable(text: string | null): string | null;
function readable(text: string | null): string | null {
  return text?.replaceAll('\0', '\ufffd') ?? null;
}

type DeadLetterRow = Omit<DeadLetter, 'key'> & { key: Buffer | null };

export async function readUnpublished(
  connection: Queryable,
  group: string,
  topic: Topic,
  partition: number,
  limit: number,
): Promise<DeadLetter[]> {
  const { rows } = await connection.query<DeadLetterRow>(UNPUBLISHED, [group, topic, partition, limit]);
  return rows.map((row) => ({ ...row, key: row.key?.toString('utf8') ?? null }));
}

const UNPUBLISHED = `
  select group_name as "group", topic, generation, partition, position, key, value, headers, code, message,
    attempts, first_failed_at, recorded_at, command_id, namespace, coord
  from dead_letters
  where group_name = $1 and topic = $2 and partition = $3 and not published
  order by generation, position
  limit $4`;

export type DeadLetterKey = Pick<DeadLetter, 'group' | 'topic' | 'generation' | 'partition' | 'position'>;

export async function markPublished(connection: Queryable, letters: readonly DeadLetterKey[]): Promise<void> {
  if (letters.length === 0) return;
  await connection.query(MARK_PUBLISHED, [
    letters.map((letter) => letter.group),
    letters.map((letter) => letter.topic),
    letters.map((letter) => letter.generation),
    letters.map((letter) => letter.partition),
    letters.map((letter) => letter.position),
  ]);
}

const MARK_PUBLISHED = `
  update dead_letters as letter set published = true
  from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::bigint[])
    as sent (group_name, topic, generation, partition, position)
  where (letter.group_name, letter.topic, letter.generation, letter.partition, letter.position)
    = (sent.group_name, sent.topic, sent.generation, sent.partition, sent.position)`;

/** The groups that carry out commands, and the topic each takes them from. */
const COMMAND_GROUPS: Readonly<Record<string, Topic>> = {
  writer: 'memory.commands',
  graph: 'graph.commands',
};

/** As checkCommand has it; a header may be of any length. */
const LONGEST_ISSUER = 1000;

/**
 * The end of a command that was refused for good. Undefined when the record is not a command, or could not be
 * read far enough to know whose it is.
 */
export function operationOfDeadLetter(letter: DeadLetter, now: number): Operation | undefined {
  const { command_id, namespace } = letter;
  if (COMMAND_GROUPS[letter.group] !== letter.topic) return undefined;
  if (command_id === null || !isUuid(command_id) || namespace === null) return undefined;
  return {
    operation_id: command_id.toLowerCase(),
    namespace: readable(namespace),
    topic: letter.topic,
    partition: letter.partition,
    position: letter.position,
    generation: letter.generation,
    coord: readable(letter.coord ?? ''),
    status: 'dead_lettered',
    deleted: null,
    created: false,
    version: null,
    revision: null,
    memory_type: null,
    error: { code: letter.code, detail: readable(letter.message) },
    index_error: null,
    request_hash: null,
    issuer: readable(letter.headers[HEADERS.issuer] ?? '').slice(0, LONGEST_ISSUER),
    accepted_at: letter.first_failed_at,
    finished_at: now,
  };
}
