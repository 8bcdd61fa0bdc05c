import type { ApiClient } from '../../api-client.js';
import type { JudgedSet, Question } from '../judged/judged-set.js';
import { patiently } from './load-set.js';

export interface Hit {
  coord: string;
  score: number;
  /** By feature; absent when it was not asked for. */
  explain?: Record<string, { value: number; contribution: number }>;
}

export interface Answer {
  /** Name of the set it is of. */
  set: string;
  question: Question;
  /** The best first. */
  hits: Hit[];
  tookMs: number;
  degradedReasons: string[];
}

export interface AskOptions {
  topK: number;
  explain: boolean;
  /** hybrid, dense or keyword; the service's default when undefined. */
  mode: string | undefined;
}

/** Searches under way at one time: more wait in the service, and its deadlines pass. */
const CONNECTIONS = 2;

const PATIENCE_MS = 60_000;

interface SearchAnswer {
  memories: Hit[];
  took_ms: number;
  degraded_reasons: string[];
}

/** Searches for each question of the set; the answers in its order. */
export async function askSet(
  api: ApiClient,
  set: JudgedSet,
  options: AskOptions,
  onAnswer: () => void,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const questions = set.questions.entries();
  const connection = async () => {
    for (const [index, question] of questions) {
      answers[index] = await ask(api, set.name, question, options);
      onAnswer();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return answers;
}

async function ask(api: ApiClient, set: string, question: Question, options: AskOptions): Promise<Answer> {
  const request = {
    query: question.query,
    top_k: options.topK,
    explain: options.explain,
    ...(options.mode === undefined ? {} : { mode: options.mode }),
  };
  const { body } = await patiently(performance.now() + PATIENCE_MS, () =>
    api.call<SearchAnswer>('POST', '/memories/search', request),
  );
  const hits = body.memories.map(({ coord, score, explain }) => ({
    coord,
    score,
    ...(explain === undefined ? {} : { explain }),
  }));
  return { set, question, hits, tookMs: body.took_ms, degradedReasons: body.degraded_reasons };
}
