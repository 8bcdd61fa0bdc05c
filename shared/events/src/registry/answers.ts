export interface AnswersOptions {
  /** Answers and refusals remembered at once, each; the oldest goes. */
  max: number;
  /** How long a refusal is given again without asking, milliseconds. */
  refusedForMs: number;
  /** Which errors are an answer and not an outage (default: none). */
  isRefusal?: (error: unknown) => boolean;
}

export type Answers<Question, Answer> = (question: Question, ask: () => Promise<Answer>) => Promise<Answer>;

/** Asks once per question: good answers stay, refusals stay for a while, outages never; equal questions wait together. */
export function createAnswers<Question, Answer>({
  max,
  refusedForMs,
  isRefusal = () => false,
}: AnswersOptions): Answers<Question, Answer> {
  const answers = new Map<Question, Answer>();
  const refusals = new Map<Question, { error: unknown; until: number }>();
  const asked = new Map<Question, Promise<Answer>>();

  async function askNow(question: Question, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await ask();
      remember(answers, question, answer, max);
      return answer;
    } catch (error) {
      if (isRefusal(error)) remember(refusals, question, { error, until: Date.now() + refusedForMs }, max);
      throw error;
    }
  }

  return async (question, ask) => {
    const answer = answers.get(question);
    if (answer !== undefined) return answer;
    const refusal = refusals.get(question);
    if (refusal !== undefined && refusal.until > Date.now()) throw refusal.error;
    const waiting = asked.get(question);
    if (waiting !== undefined) return waiting;
    const pending = askNow(question, ask).finally(() => asked.delete(question));
    asked.set(question, pending);
    return pending;
  };
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, max: number): void {
  map.delete(key);
  const oldest = map.keys().next();
  if (map.size >= max && oldest.done !== true) map.delete(oldest.value);
  map.set(key, value);
}
