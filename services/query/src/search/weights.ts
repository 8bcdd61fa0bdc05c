import { readFileSync } from 'node:fs';
import type { Meaning } from '@soma/embedder';
import { SomaError } from '@soma/memory';
import { z } from 'zod';

/** What each feature counts. Those that a caller asks for with a request have none here. */
export interface Weights {
  keyword: number;
  dense: number;
  neighbors: number;
  answer: number;
  thread: number;
  speaker: number;
  month: number;
  day: number;
  time: number;
  question: number;
  phrase: number;
  linked: number;
  accesses: number;
}

/**
 * Round numbers, the same for every kind of text: what fits one collection of conversations better fits others worse
 * (docs/recall.md). `npm run recall:fit` finds others for those who have judgements.
 */
export const DEFAULT_WEIGHTS: Weights = {
  /** The unit of all others. */
  keyword: 1,
  /** As telling as words when a real model gives it. */
  dense: 1,
  /** A little: more drowns what a memory says itself. */
  neighbors: 0.25,
  /** As much again for what follows a matching question. */
  answer: 0.25,
  /** A thread about the matter is worth as much as a matching word or two. */
  thread: 0.5,
  /** Who is asked about is nearly always who speaks. */
  speaker: 1,
  /** A month is seldom named in vain. */
  month: 1,
  /** Beside what the month counts: within it, the day says which of its threads. */
  day: 0.5,
  /** Half: many texts say some time, few the one that is asked for. */
  time: 0.5,
  /** Against: a question seldom is an answer. */
  question: -0.25,
  /** Who puts words between quotation marks means these words. */
  phrase: 1,
  /** As the nearest neighbour in a thread. */
  linked: 0.25,
  /**
   * Nothing, unless somebody asks for it: counts are kept only with SOMA_ACCESS_COUNTS, and feed on themselves, because
   * what stands first is read most. Fits where the same things are asked for again and again.
   */
  accesses: 0,
};

/**
 * Averages of word vectors tell half as much as a model of sentences: whole, they lose on long conversations what they
 * gain on short notes (docs/recall.md).
 */
const BY_MEANING: Record<Meaning, Partial<Weights>> = {
  nothing: { dense: 0 },
  words: { dense: DEFAULT_WEIGHTS.dense / 2 },
  sentences: {},
};

/** What counts in an installation: what its file says, else what is usual where vectors mean as much. */
export function weightsFor(given: Partial<Weights>, meaning: Meaning): Weights {
  return { ...DEFAULT_WEIGHTS, ...BY_MEANING[meaning], ...given };
}

const weight = z.number().min(-10).max(10);
const weightsFile = z.object({
  version: z.literal(1),
  weights: z.strictObject(
    Object.fromEntries(Object.keys(DEFAULT_WEIGHTS).map((name) => [name, weight.optional()])) as Record<
      keyof Weights,
      z.ZodOptional<typeof weight>
    >,
  ),
});

/**
 * Weights from a file as `npm run recall:fit` writes it; none without one.
 * @throws SomaError invalid_configuration, with the line or the name that is wrong
 */
export function weightsFrom(file: string | undefined): Partial<Weights> {
  if (file === undefined) return {};
  const parsed = weightsFile.safeParse(jsonOf(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
  }
  const given = Object.entries(parsed.data.weights).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function jsonOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw invalid(file, 'cannot be read', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(file, `line ${lineOf(cause, text)}: ${(cause as Error).message}`, cause);
  }
}

/** Node says where by the offset of the character, and at the end of the text not even that. */
function lineOf(error: unknown, text: string): number {
  const [, offset] = /at position (\d+)/.exec((error as Error).message) ?? [];
  return text.slice(0, offset === undefined ? text.length : Number(offset)).split('\n').length;
}

function invalid(file: string, what: string, cause?: unknown): SomaError {
  return new SomaError('invalid_configuration', `SOMA_RECALL_WEIGHTS: ${file}, ${what}`, { cause });
}
