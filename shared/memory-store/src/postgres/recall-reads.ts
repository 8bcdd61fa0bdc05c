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
  whose: Whose,
  keys: readonly string[],
  span: number,
  marks: RecallMarks,
): Promise<ThreadNeighbor[]> {
  if (keys.length === 0) return [];
  const { rows } = await connection.query<FactRow & Pick<ThreadNeighbor, 'of' | 'distance'>>({
    ...THREAD_NEIGHBORS,
    values: [...factValues(whose, keys, marks), span],
  });
  return rows.map(readFacts);
}

async function factsOf(
  connection: Queryable,
  whose: Whose,
  keys: readonly string[],
  marks: RecallMarks,
): Promise<MemoryFacts[]> {
  if (keys.length === 0) return [];
  const { rows } = await connection.query<FactRow>({ ...FACTS, values: factValues(whose, keys, marks) });
  return rows.map(readFacts);
}

/** $1 to $7 of the statements below. */
function factValues(
  { namespace, user_id }: Whose,
  keys: readonly string[],
  { times, tells_time, phrases, accesses }: RecallMarks,
): unknown[] {
  return [namespace, keys, user_id, tells_time, phrases, times, accesses];
}

/** As FACTS_OF has it. */
type FactRow = Omit<MemoryFacts, 'asks' | 'tells_time'> & { ending: string; beginning: string | null };

function readFacts<Row extends FactRow>({
  ending,
  beginning,
  ...row
}: Row): Omit<Row, 'ending' | 'beginning'> & Pick<MemoryFacts, 'asks' | 'tells_time'> {
  return { ...row, asks: asks(ending), tells_time: beginning !== null && tellsTime(beginning) };
}

/** What FACTS_OF reads. */
const FACT_COLUMNS =
  'namespace, key, thread_id, speaker, occurred_at, updated_at, importance, text, created_at';

/** Of a long text the beginning is looked at. A search waits for this, so nothing is read that it does not need. */
const FACTS_OF = (memory: string) => `
    ${memory}.key, ${memory}.thread_id, ${memory}.speaker, ${memory}.importance,
    case when $6 then ${memory}.occurred_at end as occurred_at,
    case when $6 then ${memory}.updated_at end as updated_at,
    right(${memory}.text, ${ENDING}) as ending,
    case when $4::boolean then left(${memory}.text, ${BEGINNING}) end as beginning,
    case when cardinality($5::text[]) = 0 then 0
      else (select count(*)::int from unnest($5::text[]) as phrase
            where position(phrase in lower(left(${memory}.text, 65536))) > 0) end as phrases,
    case when $7::boolean then coalesce((
      select accesses from memory_accesses as counted
      where counted.namespace = ${memory}.namespace and counted.key = ${memory}.key
        and counted.created_at = ${memory}.created_at), 0)
      else 0 end as accesses`;

const FACTS = {
  name: 'recall_facts',
  text: `select ${FACTS_OF('memory')} from ${EACH_ASKED(FACT_COLUMNS)} as memory`,
};

const THREAD_NEIGHBORS = {
  name: 'thread_neighbors',
  text: `
  select middle.key as of, beside.distance, ${FACTS_OF('beside')}
  from ${EACH_ASKED('namespace, key, thread_id, thread_time, thread_place')} as middle
  cross join lateral (
    select *, (-row_number() over ())::int as distance from (
      select ${FACT_COLUMNS} from memories as before
      where namespace = middle.namespace and thread_id = middle.thread_id and ${liveCondition('before')}
        and ${ofUserCondition('before', '$3')}
        and (thread_time, thread_place, key) < (middle.thread_time, middle.thread_place, middle.key)
      order by thread_time desc, thread_place desc, key desc
      limit $8
    ) as nearest_before
    union all
    select *, (row_number() over ())::int as distance from (
      select ${FACT_COLUMNS} from memories as after
      where namespace = middle.namespace and thread_id = middle.thread_id and ${liveCondition('after')}
        and ${ofUserCondition('after', '$3')}
        and (thread_time, thread_place, key) > (middle.thread_time, middle.thread_place, middle.key)
      order by thread_time, thread_place, key
      limit $8
    ) as nearest_after
  ) as beside
  where middle.thread_id is not null
  order by middle.key, abs(beside.distance), beside.distance`,
};
