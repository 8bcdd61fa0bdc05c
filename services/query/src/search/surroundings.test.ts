import { expect, test } from '@jest/globals';
import type { RecallFacts } from '@soma/memory';
import { NO_MARKS, type MemoryFacts, type RecallMarks } from '@soma/memory-store';
import { createLogger } from '@soma/service';
import type { AboutCandidate } from '@soma/vector-index';
import { Registry } from 'prom-client';
import { Deadline } from './deadline.js';
import { Degradation } from './degradation.js';
import { createSearchMetrics } from './metrics.js';
import { lookAround } from './surroundings.js';

const WHOSE = { namespace: 'team', user_id: null };
const facts = (thread_id: string | null): RecallFacts => ({
  thread_id,
  speaker: null,
  occurred_at: null,
  updated_at: 0,
  importance: 0.5,
  asks: false,
  tells_time: false,
});
const told = (thread_id: string | null): AboutCandidate => ({ facts: facts(thread_id), terms: [] });
const ABOUT = new Map([
  ['threaded', told('t')],
  ['alone', told(null)],
  ['old', { facts: null, terms: [] }],
]);

async function asked(marks: RecallMarks) {
  const asked = { facts: [] as string[], around: [] as string[] };
  const known = (key: string): MemoryFacts => ({ key, ...facts(null), phrases: 0, accesses: 0 });
  const surroundings = await lookAround(WHOSE, [...ABOUT.keys()], ABOUT, marks, {
    memories: {
      recall: {
        speakers: () => Promise.resolve([]),
        around: (_, keys) => {
          asked.around.push(...keys);
          return Promise.resolve([]);
        },
        facts: (_, keys) => {
          asked.facts.push(...keys);
          return Promise.resolve(keys.map(known));
        },
      },
    },
    links: { touching: () => Promise.resolve([]) },
    deadline: new Deadline(60_000, undefined),
    degradation: new Degradation(createSearchMetrics(new Registry())),
    logger: createLogger({ service: 'test', level: 'silent', format: 'json' }),
  });
  return { ...asked, known: [...surroundings.facts.keys()].sort() };
}

test('the store is asked of what the index does not tell, and for neighbours of what may stand in a thread', async () => {
  expect(await asked(NO_MARKS)).toEqual({
    facts: ['old'],
    around: ['threaded', 'old'],
    known: ['alone', 'old', 'threaded'],
  });
});

test.each([{ phrases: ['green tea'] }, { accesses: true }])(
  'it is asked of everything when %j is looked for, which no index knows',
  async (marks) => {
    expect((await asked({ ...NO_MARKS, ...marks })).facts).toEqual(['threaded', 'alone', 'old']);
  },
);
