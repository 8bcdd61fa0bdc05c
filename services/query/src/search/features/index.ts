import { accesses } from './accesses.js';
import { answer } from './answer.js';
import { day } from './day.js';
import { dense } from './dense.js';
import type { Feature } from './feature.js';
import { importance } from './importance.js';
import { keyword } from './keyword.js';
import { linked } from './linked.js';
import { month } from './month.js';
import { neighbors } from './neighbors.js';
import { phrase } from './phrase.js';
import { question } from './question.js';
import { recency } from './recency.js';
import { speaker } from './speaker.js';
import { thread } from './thread.js';
import { time } from './time.js';

export type { Feature } from './feature.js';

/** All of them; a new one is a file beside these, a line here, and a weight in ../weights.ts. */
export const FEATURES = [
  keyword,
  dense,
  neighbors,
  answer,
  thread,
  speaker,
  month,
  day,
  time,
  question,
  phrase,
  linked,
  accesses,
  recency,
  importance,
] as const satisfies Feature[];
