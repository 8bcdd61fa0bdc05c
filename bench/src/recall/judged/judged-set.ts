/** Memories and the questions asked of them, with what a person judged relevant. */
export interface JudgedSet {
  /** Makes its namespace; lower case letters, digits, `.`, `_` and `-`. */
  name: string;
  memories: JudgedMemory[];
  questions: Question[];
}

/** As `POST /memories` takes it. */
export interface JudgedMemory {
  coord: string;
  text: string;
  payload?: Record<string, unknown> | undefined;
  memory_type?: string | undefined;
  user_id?: string | undefined;
  agent_id?: string | undefined;
  thread_id?: string | undefined;
  actor?: string | undefined;
  tags?: string[] | undefined;
  importance?: number | undefined;
  occurred_at?: string | undefined;
}

export interface Question {
  query: string;
  category: string;
  /** Coords of every memory that answers it, at least one, each once. */
  relevant: string[];
}

/** All sets as one, so that each question is asked of all memories. Threads stay apart. */
export function mergeSets(sets: readonly JudgedSet[]): JudgedSet {
  return {
    name: 'all-in-one',
    memories: sets.flatMap(({ name, memories }) =>
      memories.map((memory) => ({
        ...memory,
        coord: inSet(name, memory.coord),
        ...(memory.thread_id === undefined ? {} : { thread_id: inSet(name, memory.thread_id) }),
      })),
    ),
    questions: sets.flatMap(({ name, questions }) =>
      questions.map((question) => ({
        ...question,
        relevant: question.relevant.map((coord) => inSet(name, coord)),
      })),
    ),
  };
}

function inSet(name: string, id: string): string {
  return `${name}:${id}`;
}

/** At most so many questions of the set, evenly from first to last. */
export function limitQuestions(set: JudgedSet, count: number): JudgedSet {
  const step = Math.max(1, set.questions.length / count);
  const questions = set.questions.filter(
    (_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step),
  );
  return { ...set, questions };
}
