import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type ApiClient, type Reply } from '../../api-client.js';
import type { JudgedSet } from '../judged/judged-set.js';

/** Memories of one call. */
const CHUNK = 200;

/** A local model embeds some hundred texts a second: no set takes longer than this to be indexed. */
const PATIENCE_MS = 15 * 60_000;

interface BatchAnswer {
  results: { coord: string; ok: boolean; error?: { code: string; detail: string } }[];
}

/** Writes all memories of the set; resolves when searches find them. Loading again replaces. */
export async function loadSet(
  api: ApiClient,
  set: JudgedSet,
  onStored: (memories: number) => void,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  let token = '';
  for (let start = 0; start < set.memories.length; start += CHUNK) {
    const chunk = set.memories.slice(start, start + CHUNK);
    const operations = chunk.map((memory) => ({ op: 'put', ...memory }));
    const covers: Record<string, string> = token === '' ? {} : { 'Soma-Consistency-Token': token };
    const { body, headers } = await patiently(deadline, () =>
      api.call<BatchAnswer>('POST', '/memories/batch', { operations }, { Prefer: 'wait=30', ...covers }),
    );
    const refused = body.results.find(({ ok }) => !ok);
    if (refused !== undefined)
      throw new Error(
        `${set.name}: ${refused.coord} was refused: ${refused.error?.detail ?? 'no reason given'}`,
      );
    token = headers.get('soma-consistency-token') ?? token;
    onStored(chunk.length);
  }
  await patiently(deadline, () =>
    api.call(
      'POST',
      '/memories/search',
      { query: 'anything', top_k: 1 },
      { 'Soma-Consistency-Token': token, Prefer: 'wait=30' },
    ),
  );
}

/** A full backlog, a limited rate and an index that is still behind pass: tries again as the service says. */
export async function patiently<T>(deadline: number, call: () => Promise<Reply<T>>): Promise<Reply<T>> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const passes = error instanceof ApiError && (error.status === 429 || error.status === 503);
      if (!passes || performance.now() > deadline) throw error;
      await delay((error.retryAfterSeconds ?? 1) * 1000);
    }
  }
}
