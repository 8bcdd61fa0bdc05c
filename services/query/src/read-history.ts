import { SomaError, type Memory } from '@soma/memory';
import type { HistoryReads, MemoryVersion } from '@soma/memory-store';
import {
  answerBytes,
  type HistoryAnswer,
  type HistoryRequest,
  type PastRequest,
  type ReadOptions,
} from '@soma/reads';

/** Versions read at one time, as of a read by coords. */
const PAGE = 50;

/** In pages, each of which must find room. */
export async function readHistory(
  namespace: string,
  { before, limit, ...reader }: HistoryRequest,
  { hold }: ReadOptions,
  history: HistoryReads,
): Promise<HistoryAnswer> {
  const versions: MemoryVersion[] = [];
  // One more than asked for tells whether something follows.
  for (let size = PAGE; size === PAGE && versions.length <= limit;) {
    const from = versions.at(-1)?.state.version ?? before;
    const asked = Math.min(PAGE, limit + 1 - versions.length);
    const page = await history.versions({ namespace, ...reader, before: from, limit: asked });
    hold?.(answerBytes(page));
    versions.push(...page);
    size = page.length;
  }
  if (before === null && versions.length === 0) throw nothing();
  const given = versions.slice(0, limit);
  return { versions: given, next: versions.length > limit ? (given.at(-1)?.state.version ?? null) : null };
}

export async function readPast(
  namespace: string,
  request: PastRequest,
  { hold }: ReadOptions,
  history: HistoryReads,
): Promise<Memory> {
  const past = await history.past({ namespace, ...request });
  if ('missing' in past) {
    throw past.missing === 'never'
      ? nothing()
      : new SomaError('history_expired', 'what the memory was then is no longer kept');
  }
  hold?.(answerBytes(past.memory));
  return past.memory;
}

function nothing(): SomaError {
  return new SomaError('memory_not_found', 'there is, or was then, no memory at this coord');
}
