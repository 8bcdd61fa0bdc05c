import type { Queryable } from '@soma/postgres';
import type { KeywordQuery } from '../port.js';
import { compileFilter } from './compile-filter.js';
import { liveCondition } from './memory-row.js';

/**
 * Memories that have any of the words, best first. Any, not all: a question has words that no answer has.
 * ts_rank adds up the distinct words found; ts_rank_cd would count one frequent word as much as many.
 */
export async function keywordSearch(
  connection: Queryable,
  { namespace, text, filter, limit }: KeywordQuery,
): Promise<{ key: string; score: number }[]> {
  const parameters: unknown[] = [namespace, text.replaceAll('\0', ' '), limit];
  const condition = compileFilter(filter, parameters);
  const { rows } = await connection.query<{ key: string; score: number }>(
    keywordStatement(condition),
    parameters,
  );
  return rows;
}

const keywordStatement = (condition: string): string => `
  with words as materialized (
    select string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''', ' | ')::tsquery as query
    from unnest(to_tsvector('english', $2::text))
  )
  select key, ts_rank(${DOCUMENT}, words.query, 1)::float8 as score
  from memories, words
  where ${DOCUMENT} @@ words.query
    and namespace = $1 and ${liveCondition('memories')} and ${condition}
  order by score desc, key
  limit $3`;

/** The expression of the index memories_by_text, to the letter. */
const DOCUMENT = `to_tsvector('english', left(text, 65536))`;
