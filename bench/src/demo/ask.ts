import type { ApiClient } from '../api-client.js';
import type { Question } from './conversation.js';

export const TOP_K = 10;

export interface Hit {
  coord: string;
  actor: string | null;
  text: string;
  score: number;
}

export interface Asked {
  question: Question;
  hits: Hit[];
}

/** Searches for each question. @param token the first search waits until these writes are found */
export async function askAll(
  api: ApiClient,
  questions: readonly Question[],
  token: string,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const question of questions) {
    const headers: Record<string, string> =
      asked.length === 0 ? { 'Soma-Consistency-Token': token, Prefer: 'wait=30' } : {};
    const request = { query: question.q, top_k: TOP_K };
    const { body } = await api.call<{ memories: Hit[] }>('POST', '/memories/search', request, headers);
    asked.push({ question, hits: body.memories });
  }
  return asked;
}

/** Share of the evidence that is among the hits. */
export function recallOf({ question, hits }: Asked): number {
  const found = new Set(hits.map(({ coord }) => coord));
  const evidence = [...new Set(question.ev)];
  return evidence.filter((id) => found.has(id)).length / evidence.length;
}
