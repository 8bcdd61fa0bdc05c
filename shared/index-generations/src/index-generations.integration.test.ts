import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Embedder } from '@soma/embedder';
import { createHashEmbedder } from '@soma/embedder/hash';
import { SomaError } from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createLogger } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import type { EmbedderSpec } from '@soma/vector-index';
import { createPostgresCollections } from '@soma/vector-index/postgres';
import { IndexGenerations } from './index.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
let collections: ReturnType<typeof createPostgresCollections>;
let lines: string[];
/** Starts and closes of embedders, as they come. */
let embedders: string[];
let opened: IndexGenerations[];

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  collections = createPostgresCollections({ pool });
  [lines, embedders, opened] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(opened.map((generations) => generations.close()));
  await pool.end();
  await database.drop();
});

const sized = (dimension: number): EmbedderSpec => ({ kind: 'hash', model: null, url: null, dimension });
const [SMALL, LARGE, OTHER] = [sized(16), sized(32), sized(64)];

/** A process with these settings. */
function started(configured: EmbedderSpec, open = observed): IndexGenerations {
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'test', level: 'warn', format: 'json', destination });
  const generations = new IndexGenerations({ collections, configured, open, logger });
  opened.push(generations);
  return generations;
}

function observed({ dimension }: EmbedderSpec): Embedder {
  const embedder = createHashEmbedder({ dimension: dimension ?? 256 });
  const note = (what: string) => {
    embedders.push(`${what} ${embedder.dimension}`);
    return Promise.resolve();
  };
  return { ...embedder, start: () => note('start'), close: () => note('close') };
}

async function rememberSomething(): Promise<void> {
  await pool.query(`
    insert into memories (namespace, key, coord, partition, version, revision, deleted, created_at, updated_at)
    values ('team', 'm', 'm', 0, 1, 1, true, now(), now())`);
}

/** What a reindex does to the rows. */
async function reindexTo(spec: EmbedderSpec): Promise<void> {
  const dimension = spec.dimension ?? 0;
  const collection = `memories-${dimension}`;
  await collections.build({ collection, spec, model: `hash-${dimension}`, dimension, job_id: randomUUID() });
  await collections.join(collection, 60_000);
  await collections.activate(collection, { former: 'kept', writtenForMs: 0 });
}

const refused = { code: 'invalid_configuration' };

describe('a process that starts', () => {
  test('records its embedder where there is no index yet', async () => {
    const generations = started(SMALL);
    await generations.check();
    expect(await collections.read()).toEqual([]);
    await generations.begin();
    expect(await collections.read()).toMatchObject([
      { state: 'active', spec: SMALL, model: 'hash-16', dimension: 16 },
    ]);
    expect((await generations.active()).embedder.dimension).toBe(16);
  });

  test('with the embedder that is recorded starts, however often', async () => {
    await started(SMALL).begin();
    await rememberSomething();
    await started(SMALL).check();
    await started(SMALL).begin();
    expect(await collections.read()).toHaveLength(1);
  });

  test('with another one is refused, and told both ways out', async () => {
    await started(SMALL).begin();
    await rememberSomething();
    const other = started(LARGE);
    await expect(other.check()).rejects.toMatchObject(refused);
    const error = await other.begin().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SomaError);
    const { message } = error as SomaError;
    expect(message).toContain('Start with SOMA_EMBEDDER=hash SOMA_EMBEDDER_DIMENSION=16');
    expect(message).toContain('soma reindex --embedder hash --dimension 32');
  });

  test('with another one takes over while nothing was ever stored', async () => {
    await started(SMALL).begin();
    const other = started(LARGE);
    await other.check();
    await other.begin();
    expect((await other.active()).embedder.dimension).toBe(32);
  });

  test('at the same time as others with other settings: one of them counts', async () => {
    await rememberSomething();
    const begun = await Promise.allSettled([SMALL, LARGE, SMALL, LARGE].map((spec) => started(spec).begin()));
    const [row] = await collections.read();
    const expected = [SMALL, LARGE, SMALL, LARGE].map(({ dimension }) =>
      dimension === row?.dimension ? 'fulfilled' : 'rejected',
    );
    expect(begun.map(({ status }) => status)).toEqual(expected);
  });

  test('after a reindex starts with the settings before and after it, until that is finished', async () => {
    await started(SMALL).begin();
    await rememberSomething();
    await reindexTo(LARGE);
    for (const spec of [SMALL, LARGE]) {
      const generations = started(spec);
      await generations.begin();
      expect((await generations.active()).embedder.dimension).toBe(32);
    }
    expect(
      lines.filter((line) => line.includes('SOMA_EMBEDDER=hash SOMA_EMBEDDER_DIMENSION=32')),
    ).toHaveLength(1);
    await expect(started(OTHER).begin()).rejects.toMatchObject(refused);
    await collections.retire('memories-hash-16-16');
    await expect(started(SMALL).begin()).rejects.toMatchObject(refused);
    await started(LARGE).begin();
  });

  test('whose embedder does not answer records nothing, and does not try another', async () => {
    const down = (): Embedder => ({
      ...createHashEmbedder(),
      start: () => Promise.reject(new SomaError('embedder_unavailable', 'down')),
    });
    const generations = started(SMALL, down);
    await expect(generations.begin()).rejects.toMatchObject({ code: 'embedder_unavailable' });
    expect(await collections.read()).toEqual([]);
    await expect(generations.written()).rejects.toMatchObject({ code: 'index_unavailable' });
  });

  test('names where the endpoint of the recorded embedder is now', async () => {
    const at = (url: string): EmbedderSpec => ({ ...SMALL, url });
    await started(at('http://old')).begin();
    await rememberSomething();
    await started(at('http://new')).begin();
    expect((await collections.read())[0]?.spec.url).toBe('http://new');
  });
});

describe('a process that runs', () => {
  test('has the embedder of what is built warm, changes over, and closes what is gone', async () => {
    await started(SMALL).begin();
    await rememberSomething();
    const generations = started(SMALL);
    await generations.active();
    generations.start();
    await reindexTo(LARGE);
    await eventually(async () => expect((await generations.active()).embedder.dimension).toBe(32));
    await eventually(() => {
      expect(embedders).toContain('start 32');
    });
    await reindexBack();
    await eventually(async () => expect((await generations.active()).embedder.dimension).toBe(16));
    await collections.retire('memories-32');
    await collections.leave('memories-32');
    await eventually(() => {
      expect(embedders).toContain('close 32');
    });
    expect(embedders).not.toContain('close 16');
  });

  async function reindexBack(): Promise<void> {
    await collections.join('memories-hash-16-16', 60_000);
    await collections.activate('memories-hash-16-16', { former: 'kept', writtenForMs: 0 });
  }

  test('shares one question among searches, and keeps the last answer while the store is out', async () => {
    await started(SMALL).begin();
    let asked = 0;
    let isOut = false;
    const real = collections;
    collections = {
      ...real,
      read: () => {
        asked += 1;
        return isOut ? Promise.reject(new SomaError('store_unavailable', 'out')) : real.read();
      },
    };
    const generations = started(SMALL);
    const answers = await Promise.all([generations.active(), generations.active(), generations.active()]);
    expect(asked).toBe(1);
    isOut = true;
    await eventually(async () => {
      expect(await generations.active()).toEqual(answers[0]);
      expect(asked).toBeGreaterThan(1);
    });
  });
});
