import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_ATTRIBUTES, recallFacts, type JsonObject } from '@soma/memory';
import { documentVector } from '@soma/analysis';
import type { LivePoint } from '@soma/vector-index';
import { outagesOf, type GraphAnswer } from './answers.js';
import { Client, coordsOf, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { ended, type JobAnswer } from './job.js';
import { ProjectionStores, type StoredMemory } from './projection-stores.js';

const CLEAN = { missing: 0, older: 0, newer: 0, orphaned: 0, wrongly_live: 0, behind: 0, repaired: 0 };
const SLOW = 180_000;

let stores: ProjectionStores;
beforeAll(() => {
  stores = new ProjectionStores();
});
afterAll(() => stores.close());

/** Of the client's own namespace, so that what other tests do meanwhile is not counted. */
async function verify(client: Client, projection: string, request: JsonObject = {}) {
  const json = { projection, namespace: client.namespace, ...request };
  return resultOf(client, await client.call<{ job: JobAnswer }>('POST', '/admin/verify', { json }));
}

async function rebuild(client: Client, projection: string) {
  return resultOf(
    client,
    await client.call<{ job: JobAnswer }>('POST', '/admin/rebuild', { json: { projection } }),
  );
}

async function resultOf(client: Client, accepted: Parameters<typeof ended>[1]) {
  const { state, error, result } = await ended(client, accepted);
  expect({ state, error }).toEqual({ state: 'done', error: null });
  return result;
}

async function rememberMany(client: Client, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await client.remember(`m${at}`, `pelican number ${at}`);
}

/**
 * Which of these a search for the word finds. A hundred at a time and not page by page: that all match alike leaves
 * open to the index which of them come first.
 */
async function found(client: Client, query: string, among: readonly string[]): Promise<string[]> {
  const coords: string[] = [];
  for (let from = 0; from < among.length; from += 100) {
    const filters = { coord: { $in: among.slice(from, from + 100) } };
    coords.push(...coordsOf(await client.search({ query, top_k: 100, filters })));
  }
  return coords.sort();
}

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${letter}${at}`);

const WRITTEN = { ...DEFAULT_ATTRIBUTES, updated_at: 0, payload: {} };

describe('the index', () => {
  const point = (client: Client, { key, partition, revision }: StoredMemory): LivePoint => ({
    deleted: false,
    namespace: client.namespace,
    key,
    partition,
    revision,
    dense: null,
    sparse: documentVector('pelican'),
    fields: { ...WRITTEN, expires_at: null, created_at: 0, version: 1, coord: key },
    facts: recallFacts({ ...WRITTEN, text: 'pelican' }),
  });

  test(
    'is broken on purpose, found to be so exactly, and mended',
    async () => {
      const client = new Client();
      await rememberMany(client, 6);
      await client.delete('m5', '?until=indexed');
      expect(await verify(client, 'index')).toEqual({ ...CLEAN, checked: 6, examples: [] });

      const collection = await stores.collection();
      const memories = await Promise.all(
        ['m0', 'm1', 'm2', 'm5'].map((key) => stores.memory(client.namespace, key)),
      );
      const [lost, older, newer, gone] = memories as [StoredMemory, StoredMemory, StoredMemory, StoredMemory];
      await stores.index.remove(
        collection,
        memories.map((memory) => ({ ...memory, namespace: client.namespace })),
      );
      await stores.index.upsert(collection, [
        point(client, { ...older, revision: older.revision - 1 }),
        point(client, { ...newer, revision: newer.revision + 1_000_000 }),
        point(client, gone),
        point(client, { ...lost, key: 'orphan' }),
      ]);
      expect(await found(client, 'pelican', numbered('m', 6))).toEqual(['m1', 'm2', 'm3', 'm4']);

      const counts = { missing: 1, older: 1, newer: 1, orphaned: 1, wrongly_live: 1, behind: 0 };
      const broken = await verify(client, 'index');
      expect(broken).toMatchObject({ ...counts, checked: 6, repaired: 0 });
      expect(broken?.['examples']).toContainEqual({
        namespace: client.namespace,
        coord: 'm0',
        kind: 'missing',
        expected_revision: lost.revision,
        found_revision: null,
      });
      expect(await verify(client, 'index', { repair: true })).toMatchObject({ ...counts, repaired: 5 });
      expect(await verify(client, 'index')).toEqual({ ...CLEAN, checked: 6, examples: [] });
      expect(await found(client, 'pelican', numbered('m', 6))).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    },
    SLOW,
  );

  test(
    'is rebuilt while 300 writes go on: equal in the end, and every memory is found',
    async () => {
      const client = new Client();
      await rememberMany(client, 20);
      const accepted = await client.call<{ job: JobAnswer }>('POST', '/admin/rebuild', {
        json: { projection: 'index' },
      });
      const wanted = new Set(numbered('m', 20));
      let token = '';
      for (let at = 0; at < 300; at += 1) {
        const coord = at % 3 === 0 ? `m${at % 20}` : `n${at}`;
        const headers = token === '' ? {} : { 'Soma-Consistency-Token': token };
        const query = '?until=accepted';
        const answer =
          at % 10 === 9
            ? await client.call('DELETE', `/memories/n${at - 1}${query}`, { headers })
            : await client.put(coord, { payload: { text: `pelican ${at}` } }, { query, headers });
        expect(answer.status).toBe(202);
        if (at % 10 === 9) wanted.delete(`n${at - 1}`);
        else wanted.add(coord);
        token = tokenOf(answer);
        if (at % 50 === 0) {
          const { body } = await client.search({ query: 'pelican', top_k: 100 });
          expect(body.memories.length).toBeGreaterThanOrEqual(20);
          expect(outagesOf(body)).toEqual([]);
        }
      }
      const result = await resultOf(client, accepted);
      expect(result).toMatchObject({ missing: 0, older: 0, orphaned: 0, wrongly_live: 0 });
      const last = await client.search(
        { query: 'pelican' },
        { 'Soma-Consistency-Token': token, Prefer: 'wait=30' },
      );
      expect(last.status).toBe(200);
      expect(await verify(client, 'index')).toMatchObject(CLEAN);
      const written = [...numbered('m', 20), ...numbered('n', 300)];
      expect(await found(client, 'pelican', written)).toEqual([...wanted].sort());
    },
    SLOW,
  );
});

describe('the cache', () => {
  test(
    'is broken on purpose, found to be so exactly, and mended; a rebuild empties it',
    async () => {
      const client = new Client();
      await rememberMany(client, 4);
      for (let at = 0; at < 4; at += 1) await client.get(`m${at}`);
      expect(await verify(client, 'cache')).toMatchObject({ ...CLEAN, checked: 4 });
      if (stores.cache !== undefined) {
        const { cache } = stores;
        const { namespace } = client;
        const [memory] = await cache.read(namespace, ['m0']);
        if (memory?.hit !== true || memory.state.deleted) throw new Error('m0 is not in the cache');
        const { revision } = memory.state;
        await cache.remove([{ namespace, key: 'm0', revision }]);
        const text = 'of another time';
        await cache.put([
          { ...memory.state, revision: revision - 1, text },
          { ...memory.state, key: 'orphan', coord: 'orphan' },
        ]);
        expect((await client.get('m0')).body.memory.text).toBe(text);
        const counts = { ...CLEAN, older: 1, orphaned: 1 };
        expect(await verify(client, 'cache')).toMatchObject(counts);
        expect(await verify(client, 'cache', { repair: true })).toMatchObject({ ...counts, repaired: 2 });
        expect((await client.get('m0')).body.memory.text).toBe('pelican number 0');
      }
      expect(await verify(client, 'cache')).toMatchObject(CLEAN);
      expect((await rebuild(client, 'cache'))?.['emptied']).toBeGreaterThanOrEqual(4);
      expect((await client.get('m1')).status).toBe(200);
    },
    SLOW,
  );
});

describe('the graph', () => {
  test(
    'is broken on purpose, found to be so exactly, and mended',
    async () => {
      const client = new Client();
      await rememberMany(client, 4);
      for (const to of ['m1', 'm2', 'm3'])
        await client.call('POST', '/graph/links', { json: { from_coord: 'm0', to_coord: to } });
      await client.delete('m3', '?until=indexed');
      expect(await verify(client, 'graph')).toMatchObject({ ...CLEAN, checked: 2 });
      // The link to m3 comes back as if nobody had heard of the deletion; that to m2 knows too much of m2.
      const { pool } = stores;
      await pool.query(
        `insert into links select namespace, from_key, link_type, 'm3', from_coord, 'm3', weight, properties, version,
         revision, from_revision, 1, created_at, updated_at
       from links where namespace = $1 and to_key = 'm1'`,
        [client.namespace],
      );
      await pool.query(
        `update links set to_revision = to_revision + 1000000 where namespace = $1 and to_key = 'm2'`,
        [client.namespace],
      );
      const counts = { ...CLEAN, orphaned: 1, newer: 1 };
      expect(await verify(client, 'graph')).toMatchObject({ ...counts, checked: 3 });
      expect(await verify(client, 'graph', { repair: true })).toMatchObject({ ...counts, repaired: 2 });
      expect(await verify(client, 'graph')).toMatchObject({ ...CLEAN, checked: 2 });
      await client.put('m3', { payload: {} }, { query: '?until=indexed' });
      const { body } = await client.call<GraphAnswer>('GET', '/graph/neighbors?coord=m0');
      expect(body.links.map(({ to_coord }) => to_coord).sort()).toEqual(['m1', 'm2']);
      expect(await rebuild(client, 'graph')).toHaveProperty('checked');
    },
    SLOW,
  );
});

describe('jobs', () => {
  test(
    'one that nobody made is not found, one that is over cannot be cancelled any more',
    async () => {
      const client = new Client();
      const none = await client.call('GET', '/admin/jobs/018f0000-0000-7000-8000-0000000000aa');
      expectProblem(none, 404, 'job_not_found');
      const accepted = await client.call<{ job: JobAnswer }>('POST', '/admin/verify', {
        json: { projection: 'graph', namespace: client.namespace },
      });
      const { job_id } = await ended(client, accepted);
      const cancelled = await client.call<{ job: JobAnswer }>('POST', `/admin/jobs/${job_id}/cancel`);
      expect(cancelled.body.job).toMatchObject({ job_id, state: 'done' });
    },
    SLOW,
  );
});
