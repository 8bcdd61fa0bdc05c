import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createInProcessCache } from '@soma/cache/in-process';
import { createHashEmbedder } from '@soma/embedder/hash';
import { createPostgresGraphStore } from '@soma/graph-store/postgres';
import { collectionOf, IndexGenerations } from '@soma/index-generations';
import { ProgressWatch } from '@soma/ledger';
import { createPostgresLedger } from '@soma/ledger/postgres';
import {
  DEFAULT_ATTRIBUTES,
  DEFAULT_LIMITS,
  EVERYTHING,
  NO_CONDITIONS,
  recallFacts,
  SomaError,
  type Filter,
  type MemoryCommand,
} from '@soma/memory';
import type { RecallReads } from '@soma/memory-store';
import { createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { createPool } from '@soma/postgres';
import type { ReadOptions, Reads, SearchRequest } from '@soma/reads';
import { createLogger } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import type { VectorIndex } from '@soma/vector-index';
import { createEmbeddedVectorIndex, startInProcessScanner } from '@soma/vector-index/embedded';
import { createPostgresCollections } from '@soma/vector-index/postgres';
import { documentVector } from '@soma/analysis';
import { Registry } from 'prom-client';
import { createQuery, type QueryDeps } from './index.js';

const NOW = { after: null, waitMs: 0 };
const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
const embedder = createHashEmbedder();
const COLLECTION = collectionOf(embedder);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
let index: VectorIndex;
let query: ReturnType<typeof createQuery>;
let reads: Reads;
/** Of searches that have little time. */
let hasty: ReturnType<typeof createQuery>;
let indexIsOut = false;
let position = -1;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 8, applicationName: 'test' }, () => undefined);
  index = createEmbeddedVectorIndex({ pool, startScanner: startInProcessScanner });
  const ledger = createPostgresLedger({ pool });
  const generations = new IndexGenerations({
    collections: createPostgresCollections({ pool }),
    configured: { kind: 'hash', model: null, url: null, dimension: null },
    open: () => embedder,
    logger,
  });
  const memories = createPostgresMemoryStore({ pool });
  const links = createPostgresGraphStore({ pool });
  const deps = {
    memories: {
      ...memories,
      recall: outableRecall(memories.recall),
      keywordSearch: silenceable('keywords', (asked, signal) => memories.keywordSearch(asked, signal)),
    },
    links: { ...links, touching: (asked) => (surroundings.areOut ? rejected() : links.touching(asked)) },
    index: outable(index),
    generations,
    cache: createInProcessCache(),
    ledger,
    watch: new ProgressWatch({ ledger }),
    logger,
    registry: new Registry(),
    weights: {},
    searchTimeoutMs: 60_000,
    onCrash: (error) => {
      throw error;
    },
  } satisfies QueryDeps;
  query = createQuery(deps);
  hasty = createQuery({ ...deps, registry: new Registry(), searchTimeoutMs: 200 });
  reads = query.reads;
  await query.start();
  await hasty.start();
  await eventually(async () => expect(await query.readiness()).toMatchObject({ index: true }));
});
afterAll(async () => {
  await hasty.stop();
  await query.stop();
  await index.close();
  await pool.end();
  await database.drop();
});

/** What does not answer, after so many answers; it only ends when it is told to. */
const silent: { part?: 'index' | 'keywords'; after: number; ended: number } = { after: 0, ended: 0 };
afterEach(() => {
  delete silent.part;
  Object.assign(silent, { after: 0, ended: 0 });
});

function silenceable<Asked extends unknown[], T>(
  part: 'index' | 'keywords',
  ask: (...asked: Asked) => Promise<T>,
): typeof ask {
  return (...asked) => {
    if (silent.part !== part || silent.after-- > 0) return ask(...asked);
    const signal = asked.at(-1) as AbortSignal;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        silent.ended += 1;
        reject(signal.reason as Error);
      });
    });
  };
}

/** What ranking looks up beside the candidates. */
const surroundings = { areOut: false, areSilent: false };
const rejected = () => Promise.reject(new SomaError('store_unavailable', 'out'));

function outableRecall(inner: RecallReads): RecallReads {
  const unless = <T>(work: () => Promise<T>): Promise<T> => {
    if (surroundings.areSilent) return new Promise<T>(() => undefined);
    return surroundings.areOut ? rejected() : work();
  };
  return {
    speakers: (whose, names) => unless(() => inner.speakers(whose, names)),
    around: (whose, keys, span, marks) => unless(() => inner.around(whose, keys, span, marks)),
    facts: (whose, keys, marks) => unless(() => inner.facts(whose, keys, marks)),
  };
}

function outable(inner: VectorIndex): VectorIndex {
  return {
    ensureCollection: (spec) => inner.ensureCollection(spec),
    upsert: (collection, points) => inner.upsert(collection, points),
    search: silenceable('index', (collection, asked, signal) =>
      indexIsOut
        ? Promise.reject(new SomaError('index_unavailable', 'out'))
        : inner.search(collection, asked, signal),
    ),
    progress: (collection, partitions) => inner.progress(collection, partitions),
    setProgress: (collection, partition, progress) => inner.setProgress(collection, partition, progress),
    moveProgress: (collection, partition, step) => inner.moveProgress(collection, partition, step),
    prune: (collection, before) => inner.prune(collection, before),
    count: (collection) => inner.count(collection),
    revisions: (collection, namespace, keys) => inner.revisions(collection, namespace, keys),
    scan: (collection, page) => inner.scan(collection, page),
    remove: (collection, points) => inner.remove(collection, points),
    dropCollection: (collection) => inner.dropCollection(collection),
    start: () => inner.start(),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };
}

/** Writes as the writer does and, unless told otherwise, indexes as the indexer does. */
async function store(
  coord: string,
  text: string,
  options: { namespace?: string; indexed?: boolean } = {},
): Promise<void> {
  const { namespace = 'default', indexed = true } = options;
  const state = await apply({
    type: 'StoreMemory',
    ...envelope(namespace, coord),
    ...DEFAULT_ATTRIBUTES,
    payload: { text },
    text: null,
    ttl_seconds: null,
    expires_at: null,
  });
  if (!indexed || state === undefined || state.deleted) return;
  const [embedding] = await embedder.embed([text], { purpose: 'document' });
  if (embedding === undefined || !('vector' in embedding)) throw new Error('not embedded');
  const { key, revision } = state;
  await index.upsert(COLLECTION, [
    {
      deleted: false,
      namespace,
      key,
      partition: 0,
      revision,
      dense: embedding.vector,
      sparse: documentVector(text),
      fields: state,
      facts: recallFacts(state),
    },
  ]);
}

/** A deletion like any other. */
const PLAIN = { erase: false, only_expired: false };
function envelope(namespace: string, coord: string) {
  position += 1;
  const command_id = `00000000-0000-7000-8000-${String(position).padStart(12, '0')}`;
  return {
    command_id,
    namespace,
    coord,
    request_hash: null,
    issued_at: 0,
    issuer: 'test',
    bound_to_user: null,
    conditions: NO_CONDITIONS,
  };
}

async function apply(command: MemoryCommand) {
  const ledger = createPostgresLedger({ pool });
  const claim = await ledger.claim('writer', 'memory.commands', 0);
  const [applied] = await createPostgresMemoryStore({ pool }).apply({
    progress: {
      group: 'writer',
      topic: 'memory.commands',
      partition: 0,
      generation: claim.generation,
      epoch: claim.epoch,
      after: claim.position,
      position,
      fingerprint: 'f',
      command_position: null,
      dead_letters: [],
    },
    commands: [{ position, command }],
    limits: DEFAULT_LIMITS,
    quotas: new Map(),
  });
  return applied?.state;
}

const request = (asked: Partial<SearchRequest>): SearchRequest => ({
  query: '',
  top_k: 5,
  offset: 0,
  mode: 'hybrid',
  filter: EVERYTHING,
  scope: EVERYTHING,
  user_id: null,
  min_similarity: null,
  context: 0,
  recency: null,
  importance_weight: 0,
  explain: false,
  ...asked,
});
const search = (asked: Partial<SearchRequest>, namespace = 'default', options: ReadOptions = NOW) =>
  reads.search(namespace, request(asked), options);
const coordsOf = (answer: Awaited<ReturnType<typeof search>>) =>
  answer.hits.map(({ memory }) => memory.coord);

test('a search finds what was indexed, in its own namespace only', async () => {
  await store('tea', 'Ada drinks green tea');
  await store('coffee', 'Grace drinks coffee');
  await store('elsewhere', 'Ada drinks green tea', { namespace: 'other' });
  const answer = await search({ query: 'who drinks green tea' });
  expect(coordsOf(answer)).toEqual(['tea', 'coffee']);
  expect(answer).toMatchObject({ degraded: false, degraded_reasons: [] });
  expect(answer.hits[0]?.similarity).toBeNull();
});

test('with the index out, Postgres answers and says so', async () => {
  indexIsOut = true;
  const answer = await search({ query: 'who drinks coffee' });
  indexIsOut = false;
  expect(coordsOf(answer)[0]).toBe('coffee');
  expect(answer).toMatchObject({ degraded: true, degraded_reasons: ['index_unavailable'] });
});

test('without threads and links, searches rank by what the index says, and say so', async () => {
  surroundings.areOut = true;
  const out = await search({ query: 'who drinks coffee' });
  surroundings.areOut = false;
  expect(coordsOf(out)).toEqual(['coffee', 'tea']);
  expect(out).toMatchObject({
    degraded: true,
    degraded_reasons: ['thread_unavailable', 'graph_unavailable'],
  });
});

test('threads that do not answer are not waited for', async () => {
  surroundings.areSilent = true;
  const silent = await search({ query: 'who drinks coffee' });
  surroundings.areSilent = false;
  expect(coordsOf(silent)).toEqual(['coffee', 'tea']);
  expect(silent.degraded_reasons).toEqual(['thread_unavailable']);
});

test('an index that does not answer is left in time for Postgres to answer', async () => {
  silent.part = 'index';
  const answer = await hasty.reads.search('default', request({ query: 'marzipan' }), NOW);
  expect(answer.degraded_reasons).toContain('index_unavailable');
  expect(silent.ended).toBe(1);
});

test('a search with nothing to answer in time says so, and ends what it began', async () => {
  indexIsOut = true;
  silent.part = 'keywords';
  const asking = hasty.reads.search('default', request({ query: 'marzipan' }), NOW);
  await expect(asking).rejects.toMatchObject({ code: 'deadline_exceeded', retryable: true });
  expect(silent.ended).toBe(1);
  indexIsOut = false;
});

test('callers who leave end what was begun for them, and say nothing of the health of the index', async () => {
  silent.part = 'index';
  for (let left = 1; left <= 10; left += 1) {
    const gone = new AbortController();
    const asking = search({ query: 'marzipan' }, 'default', { ...NOW, signal: gone.signal });
    setImmediate(() => {
      gone.abort();
    });
    await expect(asking).rejects.toMatchObject({ code: 'request_timeout' });
  }
  delete silent.part;
  expect((await search({ query: 'marzipan' })).degraded).toBe(false);
});

test('hits that were deleted since they were indexed are replaced from further candidates', async () => {
  for (let number = 0; number < 6; number += 1)
    await store(`zebra-${number}`, `zebra ${'stripe '.repeat(number)}`);
  await apply({ type: 'DeleteMemory', ...envelope('default', 'zebra-0'), ...PLAIN });
  await apply({ type: 'DeleteMemory', ...envelope('default', 'zebra-1'), ...PLAIN });
  expect(coordsOf(await search({ query: 'zebra', top_k: 3 })).sort()).toEqual([
    'zebra-2',
    'zebra-3',
    'zebra-4',
  ]);
});

test('a memory whose new state no longer passes the filter falls away', async () => {
  await store('unicorn', 'unicorn');
  const filter: Filter = { op: 'eq', field: { payload: ['text'] }, value: 'unicorn' };
  expect(coordsOf(await search({ query: 'unicorn', filter }))).toEqual(['unicorn']);
  await store('unicorn', 'unicorn no more', { indexed: false });
  expect(coordsOf(await search({ query: 'unicorn', filter }))).toEqual([]);
});

test('min_similarity without a real embedder is refused', async () => {
  await expect(search({ query: 'tea', min_similarity: 0.5 })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

test('a read that must be newer than the writer is says so', async () => {
  const after = { generation: 1, positions: { 'memory.commands': { 0: position + 1 } } };
  await expect(reads.get('default', ['tea'], { after, waitMs: 30 })).rejects.toMatchObject({
    code: 'not_yet_consistent',
  });
  const waiting = reads.get('default', ['late'], { after, waitMs: 5_000 });
  await store('late', 'just in time');
  expect((await waiting)[0]?.text).toBe('just in time');
});

test('a cached read does not outlive the expiry of its memory', async () => {
  const expiring = await apply({
    type: 'StoreMemory',
    ...envelope('default', 'brief'),
    ...DEFAULT_ATTRIBUTES,
    payload: {},
    text: 'brief',
    ttl_seconds: 1,
    expires_at: null,
  });
  expect(expiring).toBeDefined();
  expect((await reads.get('default', ['brief'], NOW))[0]?.coord).toBe('brief');
  await eventually(async () => expect(await reads.get('default', ['brief'], NOW)).toEqual([null]));
});

test('what a read holds is told part by part, and a part without room ends it before the rest is read', async () => {
  await store('paged', 'x'.repeat(1_000));
  const keys = Array.from({ length: 120 }, (_, n) => (n === 60 ? 'paged' : `absent-${n}`));
  const parts: number[] = [];
  const found = await reads.get('default', keys, { ...NOW, hold: (bytes) => parts.push(bytes) });
  expect(found.flatMap((memory, n) => (memory === null ? [] : [n]))).toEqual([60]);
  expect(parts).toHaveLength(3);
  expect(parts[1]).toBeGreaterThan(2_000);

  const asked: number[] = [];
  const hold = (bytes: number): void => {
    asked.push(bytes);
    if (asked.length === 2) throw new SomaError('overloaded', 'no room');
  };
  await expect(reads.get('default', keys, { ...NOW, hold })).rejects.toMatchObject({ code: 'overloaded' });
  expect(asked).toHaveLength(2);

  const searched: number[] = [];
  await search({ query: 'x' }, 'default', { ...NOW, hold: (bytes) => searched.push(bytes) });
  expect(searched).toHaveLength(1);
});
