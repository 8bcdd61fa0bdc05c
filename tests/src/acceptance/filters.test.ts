import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  matches,
  parseFilter,
  parseTime,
  type Filterable,
  type JsonObject,
  type JsonValue,
} from '@soma/memory';
import { arbitraryContent, arbitraryFilterJson } from '@soma/memory/contract';
import fc from 'fast-check';
import {
  outagesOf,
  type BatchAnswer,
  type MemoryAnswer,
  type MemoryPage,
  type SearchAnswer,
} from './answers.js';
import { Client, coordsOf } from './client.js';

/** As many as one search can give. */
const MEMORIES = 100;
const CASES = 150;
const EVERYWHERE = 'everywhere';

const client = new Client();
let memories: MemoryAnswer[];

beforeAll(async () => {
  const contents = fc.sample(arbitraryContent.filter(isTaken), { numRuns: MEMORIES, seed: 2 });
  const operations = contents.map(({ occurred_at, ...content }, n) => ({
    ...withoutNulls(content),
    op: 'put',
    coord: n === 0 ? '42.0,17' : `m${n}`,
    text: EVERYWHERE,
    ...(occurred_at === null ? {} : { occurred_at: new Date(occurred_at).toISOString() }),
  }));
  const written = await client.call<BatchAnswer>('POST', '/memories/batch?until=indexed', {
    json: { operations },
    headers: { Prefer: 'wait=30' },
  });
  expect(written.body.results.map(({ status }) => status)).toEqual(operations.map(() => 'indexed'));
  memories = (await client.call<MemoryPage>('GET', `/memories?limit=${MEMORIES}`)).body.memories;
  expect(memories).toHaveLength(MEMORIES);
});

describe('a filter', () => {
  test(`means the same to lists, counts and searches: ${CASES} filters`, async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFilterJson.filter(isTaken), async (filters) => {
        const expected = memories.filter((memory) => passes(filters, memory)).map(({ coord }) => coord);
        expect((await listed(filters)).toSorted()).toEqual(expected.toSorted());
        expect(await counted(filters)).toBe(expected.length);
        expect((await found(filters)).toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: CASES },
    );
  }, 240_000);
});

/** Of whole numbers the API takes only those that a double holds exactly. */
function isTaken(json: object): boolean {
  return !/\de\+/.test(JSON.stringify(json));
}

function withoutNulls(content: object): JsonObject {
  return Object.fromEntries<JsonValue>(Object.entries(content).filter(([, value]) => value !== null));
}

function passes(filters: JsonObject, memory: MemoryAnswer): boolean {
  const parsed = parseFilter(filters);
  return parsed.ok && matches(parsed.filter, filterable(memory));
}

function filterable(memory: MemoryAnswer): Filterable {
  const time = (text: string | null) => (text === null ? null : (parseTime(text) ?? Number.NaN));
  return {
    ...memory,
    memory_type: memory.memory_type === 'semantic' ? 'semantic' : 'episodic',
    occurred_at: time(memory.occurred_at),
    expires_at: time(memory.expires_at),
    created_at: parseTime(memory.created_at) ?? Number.NaN,
    updated_at: parseTime(memory.updated_at) ?? Number.NaN,
  };
}

async function listed(filters: JsonObject): Promise<string[]> {
  const query = `limit=${MEMORIES}&filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const { body } = await client.call<MemoryPage>('GET', `/memories?${query}`);
  return body.memories.map(({ coord }) => coord);
}

async function counted(filters: JsonObject): Promise<number> {
  return (await client.call<{ count: number }>('POST', '/memories/count', { json: { filters } })).body.count;
}

async function found(filters: JsonObject): Promise<string[]> {
  const answer = await client.call<SearchAnswer>('POST', '/memories/search', {
    json: { query: EVERYWHERE, mode: 'keyword', top_k: MEMORIES, filters },
  });
  expect(outagesOf(answer.body)).toEqual([]);
  return coordsOf(answer);
}
