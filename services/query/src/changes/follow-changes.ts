import { matches } from '@soma/memory';
import type { Change as StoredChange, MemoryStore } from '@soma/memory-store';
import {
  answerBytes,
  type Change,
  type ChangesAnswer,
  type ChangesPlace,
  type ChangesRequest,
  type ReadOptions,
} from '@soma/reads';
import type { WriterPulse } from './writer-pulse.js';

/** Changes read at one time, as of a read by coords. */
const PAGE = 50;

/** What changed behind a place; when that is nothing, what changes next, as long as there is time to wait for it. */
export async function followChanges(
  namespace: string,
  { from, filter, limit }: ChangesRequest,
  { waitMs, signal, hold }: ReadOptions,
  { memories, pulse }: { memories: Pick<MemoryStore, 'changes'>; pulse: WriterPulse },
): Promise<ChangesAnswer> {
  const end = performance.now() + waitMs;
  let place = await placeOf(namespace, from, memories);
  let standing: string | undefined;
  for (;;) {
    const page = await memories.changes.page({ namespace, after: place, limit: Math.min(PAGE, limit) });
    hold?.(answerBytes(page.changes));
    const changes = withPlaces(page.changes, place).filter(({ passes }) => passes(filter));
    place = page.next;
    const left = end - performance.now();
    if (changes.length > 0 || !page.isLast || left <= 0 || signal?.aborted === true) {
      return { changes: changes.map(({ change }) => change), next: place, isLast: page.isLast };
    }
    standing = await pulse.moved(standing, left, signal);
  }
}

async function placeOf(
  namespace: string,
  from: ChangesRequest['from'],
  { changes }: Pick<MemoryStore, 'changes'>,
): Promise<ChangesPlace> {
  if (from === 'now') return changes.placeAt(namespace, null);
  return 'since' in from ? changes.placeAt(namespace, from.since) : from;
}

/** Each with the place behind it. */
function withPlaces(changes: readonly StoredChange[], after: ChangesPlace) {
  let { revisions } = after;
  return changes.map(({ state, before, operation_id, partition, at }) => {
    revisions = { ...revisions, [partition]: state.revision };
    const change: Change = {
      state,
      operation_id,
      partition,
      at,
      place: { revisions, at: Math.max(after.at, at) },
    };
    return { change, passes: (filter: ChangesRequest['filter']) => passes(filter, state, before) };
  });
}

/** A deletion is news to those who could see what was deleted. */
function passes(
  filter: ChangesRequest['filter'],
  state: StoredChange['state'],
  before: StoredChange['before'],
): boolean {
  const seen = state.deleted ? before : state;
  if (seen === null || seen.deleted) return filter.op === 'and' && filter.clauses.length === 0;
  return matches(filter, seen);
}
