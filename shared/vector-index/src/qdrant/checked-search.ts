import type { Schemas } from '@qdrant/js-client-rest';
import { matches, SomaError, type Filter, type Filterable } from '@soma/memory';
import type { Candidate, IndexCandidates } from '../port.js';
import { payloadOf } from './compile-filter.js';
import type { PointPayload } from './qdrant-point.js';
import {
  ABOUT,
  aboutOf,
  bestFirst,
  candidateOf,
  patienceOf,
  TERMS,
  type Search,
  type Way,
} from './search.js';

/** One list of candidates as it fills. */
interface Collecting {
  way: Way;
  /** By id of the point: pages overlap when points change between them. */
  found: Map<string | number, Candidate>;
  examined: number;
  isDone: boolean;
}

/** How many more candidates are fetched than asked for, and how many one page may have. */
const OVERFETCH = 4;
const MOST_PER_PAGE = 5_000;
/** Candidates that may be checked for one list before the search is refused. */
const MOST_EXAMINED = 50_000;

/** For filters that Qdrant cannot evaluate: pages of what passes the part that it can, checked here. */
export async function checkedSearch(
  search: Search,
  terms: readonly number[] | null,
  filter: Filter,
): Promise<IndexCandidates> {
  const { client, collection, ways, options } = search;
  const lists = Object.values(ways).map((way): Collecting => ({
    way,
    found: new Map(),
    examined: 0,
    isDone: false,
  }));
  const passes = ({ fields }: PointPayload) => matches(filter, fields as Filterable);
  for (;;) {
    const pending = lists.filter((list) => !list.isDone);
    if (pending.length === 0) break;
    const pages = pending.map(pageAfter);
    const searches = pending.map(({ way, examined }, at) => ({
      ...way,
      filter: { must: [search.filter] },
      limit: pages[at] ?? 0,
      offset: examined,
      params: options.params,
      with_payload: ['key', 'revision', ...payloadOf(filter)],
    }));
    const answers = await client.queryBatch(collection, { searches, ...patienceOf(options) });
    for (const [at, list] of pending.entries()) take(list, answers[at]?.points ?? [], pages[at] ?? 0, passes);
  }
  for (const list of lists) keepBest(list);
  if (lists.length > 1) await scoreByBoth(lists, search);
  const found = (using: Way['using']): Candidate[] =>
    bestFirst([...(lists.find(({ way }) => way.using === using)?.found.values() ?? [])]);
  const ids = [...new Set(lists.flatMap((list) => [...list.found.keys()]))];
  const about =
    terms === null || ids.length === 0
      ? []
      : await client.retrieve(collection, {
          ids,
          with_payload: ABOUT,
          with_vector: TERMS,
          ...patienceOf(options),
        });
  return { dense: found('dense'), sparse: found('sparse'), about: aboutOf(about, terms ?? []) };
}

function pageAfter({ way, examined }: Collecting): number {
  return Math.min(MOST_PER_PAGE, Math.max(way.limit * OVERFETCH, examined));
}

function take(
  list: Collecting,
  points: Schemas['ScoredPoint'][],
  asked: number,
  passes: (payload: PointPayload) => boolean,
): void {
  for (const point of points) {
    if (passes(point.payload as unknown as PointPayload)) list.found.set(point.id, candidateOf(point));
  }
  list.examined += points.length;
  list.isDone = list.found.size >= list.way.limit || points.length < asked;
  if (!list.isDone && list.examined >= MOST_EXAMINED) {
    throw new SomaError(
      'invalid_filter',
      'the filter passes too few memories by an order, prefix, presence or null that the index cannot look up; add an equality',
    );
  }
}

function keepBest(list: Collecting): void {
  const best = new Set(bestFirst([...list.found.values()]).slice(0, list.way.limit));
  for (const [id, candidate] of list.found) if (!best.has(candidate)) list.found.delete(id);
}

/** What only one list found is scored by the other too. */
async function scoreByBoth(
  lists: Collecting[],
  { client, collection, filter, options }: Search,
): Promise<void> {
  const ids = [...new Set(lists.flatMap(({ found }) => [...found.keys()]))];
  if (ids.length === 0) return;
  const searches = lists.map(({ way }) => ({
    ...way,
    filter: { must: [filter, { has_id: ids }] },
    limit: ids.length,
    params: options.params,
    with_payload: ['key', 'revision'],
  }));
  const answers = await client.queryBatch(collection, { searches, ...patienceOf(options) });
  for (const [at, { found }] of lists.entries())
    for (const point of answers[at]?.points ?? []) found.set(point.id, candidateOf(point));
}
