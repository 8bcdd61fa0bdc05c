import { asks, BEGINNING, ENDING, tellsTime } from '@soma/memory';
import type pg from 'pg';
import { untilAborted, withStoreErrors, type Queryable } from '@soma/postgres';
import type { MemoryFacts, RecallMarks, RecallReads, ThreadNeighbor, Whose } from '../recall-reads.js';
import { EACH_ASKED, liveCondition, ofUserCondition } from './memory-row.js';

export function createRecallReads(pool: pg.Pool): RecallReads {
  return {
    speakers: (whose, names, signal) =>
      withStoreErrors(() => speakersNamed(untilAborted(pool, signal), whose, names)),
    around: (whose, keys, span, marks, signal) =>
      withStoreErrors(() => threadNeighbors(untilAborted(pool, signal), whose, keys, span, marks)),
    facts: (whose, keys, marks, signal) =>
      withStoreErrors(() => factsOf(untilAborted(pool, signal), whose, keys, marks)),
  };
}

async function speakersNamed(
  connection: Queryable,
  { namespace, user_id }: Whose,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const statement =
    user_id === null
      ? { ...SPEAKERS_NAMED, values: [namespace, names] }
      : { ...SPEAKERS_OF_USER_NAMED, values: [namespace, names, user_id] };
  const { rows } = await connection.query<{ speaker: string }>(statement);
  return rows.map(({ speaker }) => speaker);
}

/**
 * One step into the index for each name; `!` follows the space, so the range holds what begins with name and space.
 * Ranges in the order of the index, also for the name itself: where a namespace has two speakers, equality looks to
 * the planner as if any row would do, and the names that nobody bears cost a scan of the table each.
 */
const speakersStatement = (isNamed: string, ofUser: string) => `
  select distinct found.speaker
  from unnest($2::text[]) as asked (name)
  cross join lateral (
    (select speaker from memories
     where namespace = $1 and ${isNamed} and ${liveCondition('memories')}
     order by speaker limit 1)
    union all
    (select speaker from memories
     where namespace = $1 and speaker >= (asked.name || ' ') collate "C" and speaker < (asked.name || '!') collate "C"
       and ${ofUser} and ${liveCondition('memories')}
     order by speaker limit 1)
  ) as found`;

const SPEAKERS_NAMED = {
  name: 'speakers_named',
  text: speakersStatement('speaker between (asked.name collate "C") and (asked.name collate "C")', 'true'),
};

const SPEAKERS_OF_USER_NAMED = {
  name: 'speakers_of_user_named',
  text: speakersStatement(
    `speaker is not null
       and (speaker, user_id) >= (asked.name collate "C", $3) and (speaker, user_id) <= (asked.name collate "C", $3)`,
    'user_id = $3',
  ),
};

async function threadNeighbors(
  connection: Queryable,
  { namespace, user_id }: Whose,
  keys: readonly string[],
  span: number,
  marks: RecallMarks,
): Promise<ThreadNeighbor[]> {
  if (keys.length === 0) return [];
  const { rows } = await connection.query<FactRow & Pick<ThreadNeighbor, 'of' | 'distance'>>({
    name: `thread_neighbors${suffixOf(marks)}`,
    text: neighborsStatement(marks),
    values: [namespace, keys, user_id, span, ...phraseValues(marks)],
  });
  return rows.map((row) => Object.assign(readFacts(row), { of: row.of, distance: row.distance }));
}

async function factsOf(
  connection: Queryable,
  { namespace, user_id }: Whose,
  keys: readonly string[],
  marks: RecallMarks,
): Promise<MemoryFacts[]> {
  if (keys.length === 0) return [];
  const { rows } = await connection.query<FactRow>({
    name: `recall_facts${suffixOf(marks)}`,
    text: `select memory.* from ${EACH_ASKED(factsRead('memories', marks, '$4'))} as memory`,
    values: [namespace, keys, user_id, ...phraseValues(marks)],
  });
  return rows.map(readFacts);
}

/** As factsRead has it; what is not asked for is missing. */
type FactRow = Pick<MemoryFacts, 'key' | 'thread_id' | 'speaker' | 'importance'> & {
  ending: string;
} & Partial<Pick<MemoryFacts, 'occurred_at' | 'updated_at' | 'phrases' | 'accesses'> & { beginning: string }>;

/** Field by field: spreading some hundred rows took as long as reading them. */
function readFacts(row: FactRow): MemoryFacts {
  return {
    key: row.key,
    thread_id: row.thread_id,
    speaker: row.speaker,
    occurred_at: row.occurred_at ?? null,
    updated_at: row.updated_at ?? null,
    importance: row.importance,
    asks: asks(row.ending),
    tells_time: row.beginning !== undefined && tellsTime(row.beginning),
    phrases: row.phrases ?? 0,
    accesses: row.accesses ?? 0,
  };
}

/**
 * A search waits for this, and each column of some hundred rows takes its time, so what does not matter is not read; of
 * a long text the beginning is looked at.
 * @param phrasesAt the parameter that has the phrases, when there are any
 */
function factsRead(memory: string, marks: RecallMarks, phrasesAt: string): string {
  const columns = ['key', 'thread_id', 'speaker', 'importance'].map((column) => `${memory}.${column}`);
  columns.push(`right(${memory}.text, ${ENDING}) as ending`);
  if (marks.times) columns.push(`${memory}.occurred_at`, `${memory}.updated_at`);
  if (marks.tells_time) columns.push(`left(${memory}.text, ${BEGINNING}) as beginning`);
  if (marks.phrases.length > 0)
    columns.push(`(
      select count(*)::int from unnest(${phrasesAt}::text[]) as phrase
      where position(phrase in lower(left(${memory}.text, 65536))) > 0) as phrases`);
  if (marks.accesses)
    columns.push(`coalesce((
      select accesses from memory_accesses as counted
      where counted.namespace = ${memory}.namespace and counted.key = ${memory}.key
        and counted.created_at = ${memory}.created_at), 0) as accesses`);
  return columns.join(', ');
}

/** Each choice of columns is a statement of its own. */
function suffixOf({ times, tells_time, phrases, accesses }: RecallMarks): string {
  const chosen = { times, tells_time, phrases: phrases.length > 0, accesses };
  return Object.entries(chosen)
    .filter(([, isAsked]) => isAsked)
    .map(([name]) => `_${name}`)
    .join('');
}

function phraseValues({ phrases }: RecallMarks): unknown[] {
  return phrases.length > 0 ? [phrases] : [];
}

/**
 * No order at the end: by text, in the order of a language, it took as long as a third of the rest. Texts go no further
 * than where they are read: handed on whole, they took a quarter.
 */
const neighborsStatement = (marks: RecallMarks) => `
  select middle.key as of, beside.*
  from ${EACH_ASKED('namespace, key, thread_id, thread_time, thread_place')} as middle
  cross join lateral (
    select *, (-row_number() over ())::int as distance from (
      select ${factsRead('before', marks, '$5')} from memories as before
      where namespace = middle.namespace and thread_id = middle.thread_id and ${liveCondition('before')}
        and ${ofUserCondition('before', '$3')}
        and (thread_time, thread_place, key) < (middle.thread_time, middle.thread_place, middle.key)
      order by thread_time desc, thread_place desc, key desc
      limit $4
    ) as nearest_before
    union all
    select *, (row_number() over ())::int as distance from (
      select ${factsRead('after', marks, '$5')} from memories as after
      where namespace = middle.namespace and thread_id = middle.thread_id and ${liveCondition('after')}
        and ${ofUserCondition('after', '$3')}
        and (thread_time, thread_place, key) > (middle.thread_time, middle.thread_place, middle.key)
      order by thread_time, thread_place, key
      limit $4
    ) as nearest_after
  ) as beside
  where middle.thread_id is not null`;
