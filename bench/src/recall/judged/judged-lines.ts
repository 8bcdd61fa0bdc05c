import { z } from 'zod';
import type { JudgedSet } from './judged-set.js';

/*
 * JSON Lines, one object a line: {"memory": {"coord", "text", …}} or {"question": {"query", "category", "relevant"}}.
 * docs/recall.md has the format in full.
 */

/** A coord of the name form: numeric ones could not be told apart when sets are merged. */
const coord = z.string().regex(/^[A-Za-z0-9_:~@+-][A-Za-z0-9._:~@+-]{0,199}$/, 'is not the name of a memory');
const attribute = z.string().min(1).max(128).optional();

const line = z.union([
  z.strictObject({
    memory: z.strictObject({
      coord,
      text: z.string().min(1),
      payload: z.record(z.string(), z.unknown()).optional(),
      memory_type: z.string().optional(),
      user_id: attribute,
      agent_id: attribute,
      thread_id: attribute,
      actor: attribute,
      tags: z.array(z.string()).optional(),
      importance: z.number().min(0).max(1).optional(),
      occurred_at: z.iso.datetime({ offset: true }).optional(),
    }),
  }),
  z.strictObject({
    question: z.strictObject({
      query: z.string().min(1),
      category: z.string().min(1),
      relevant: z.array(coord).min(1),
    }),
  }),
]);

/** @throws RangeError with file and line when one is not as it has to be */
export function parseJudgedLines(name: string, text: string): JudgedSet {
  const set: JudgedSet = { name, memories: [], questions: [] };
  const coords = new Set<string>();
  const relevant: { coords: string[]; at: string }[] = [];
  for (const [index, json] of text.split('\n').entries()) {
    if (json.trim() === '') continue;
    const at = `${name}, line ${index + 1}`;
    const parsed = parseLine(json, at);
    if ('memory' in parsed) {
      if (coords.has(parsed.memory.coord))
        throw new RangeError(`${at}: ${parsed.memory.coord} is there twice`);
      coords.add(parsed.memory.coord);
      set.memories.push(parsed.memory);
    } else {
      set.questions.push({ ...parsed.question, relevant: [...new Set(parsed.question.relevant)] });
      relevant.push({ coords: parsed.question.relevant, at });
    }
  }
  for (const { coords: named, at } of relevant) {
    const missing = named.find((one) => !coords.has(one));
    if (missing !== undefined) throw new RangeError(`${at}: there is no memory ${missing}`);
  }
  return set;
}

function parseLine(json: string, at: string): z.infer<typeof line> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new RangeError(`${at}: not JSON`, { cause });
  }
  const parsed = line.safeParse(value);
  if (!parsed.success) throw new RangeError(`${at}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
