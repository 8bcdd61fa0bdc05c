import { matches, type Filter, type Memory } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import {
  answerBytes,
  type ListAnswer,
  type ListRequest,
  type RangeAnswer,
  type RangeRequest,
  type ReadOptions,
} from '@soma/reads';

/** Memories read at one time, as of a read by coords. */
const PAGE = 50;

export async function listMemories(
  namespace: string,
  request: ListRequest,
  options: ReadOptions,
  memories: Pick<MemoryStore, 'listing' | 'get'>,
): Promise<ListAnswer> {
  const { keys, next } = await memories.listing.list({ namespace, ...request }, options.signal);
  return { memories: await readListed(namespace, keys, request.filter, options, memories), next };
}

export async function memoriesInRange(
  namespace: string,
  request: RangeRequest,
  options: ReadOptions,
  memories: Pick<MemoryStore, 'listing' | 'get'>,
): Promise<RangeAnswer> {
  const { keys, next } = await memories.listing.range({ namespace, ...request }, options.signal);
  return { memories: await readListed(namespace, keys, request.filter, options, memories), next };
}

/** In pages, each of which must find room. What has gone or changed since it was listed falls away as in a search. */
async function readListed(
  namespace: string,
  keys: readonly string[],
  filter: Filter,
  { hold, signal }: ReadOptions,
  memories: Pick<MemoryStore, 'get'>,
): Promise<Memory[]> {
  const read: Memory[] = [];
  for (let from = 0; from < keys.length; from += PAGE) {
    const found = await memories.get(namespace, keys.slice(from, from + PAGE), signal);
    const page = found.filter((memory) => memory !== undefined && matches(filter, memory)) as Memory[];
    hold?.(answerBytes(page));
    read.push(...page);
  }
  return read;
}
