import { limitQuestions, mergeSets } from '../judged/judged-set.js';
import { readSets } from '../judged/read-sets.js';
import { readAnswers, writeAnswers } from './answer-file.js';
import { askAll } from './ask-all.js';
import type { Answer, AskOptions } from './ask-set.js';
import { callersPath } from './callers-path.js';
import { serviceAt } from './service.js';

/** What recall:eval and recall:fit have in common on the command line. */
export const ANSWER_OPTIONS = {
  data: { type: 'string', multiple: true, default: [] as string[] },
  url: { type: 'string' },
  limit: { type: 'string' },
  mode: { type: 'string' },
  loaded: { type: 'boolean', default: false },
  'all-in-one-namespace': { type: 'boolean', default: false },
  answers: { type: 'string' },
  save: { type: 'string' },
} as const;

export interface AnswerArguments {
  data: string[];
  url?: string;
  limit?: string;
  mode?: string;
  loaded: boolean;
  'all-in-one-namespace': boolean;
  answers?: string;
  save?: string;
}

/** The answers to all questions of the data: of an earlier run, of a running service, or of one started for it. */
export async function answersOf(
  given: AnswerArguments,
  options: Omit<AskOptions, 'mode'>,
): Promise<Answer[]> {
  if (given.answers !== undefined) return readAnswers(callersPath(given.answers));
  const read = await readSets(given.data.map(callersPath));
  const sets = (given['all-in-one-namespace'] ? [mergeSets(read)] : read).map((set) =>
    given.limit === undefined ? set : limitQuestions(set, Number(given.limit)),
  );
  const service = await serviceAt(given.url, process.env);
  try {
    const answers = await askAll(service, sets, { ...options, mode: given.mode, loaded: given.loaded });
    if (given.save !== undefined) await writeAnswers(callersPath(given.save), answers);
    return answers;
  } finally {
    await service.stop();
  }
}
