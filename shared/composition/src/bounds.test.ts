import { createInProcessLimiter } from '@soma/cache/in-process';
import { expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createLogger } from '@soma/service';
import { createEmbeddedVectorIndex, startWorkerScanner } from '@soma/vector-index/embedded';
import { Registry } from 'prom-client';
import { measureIndex, measureLimiter } from './bounds.js';
import { embedderFrom } from './embedder.js';

test('rate buckets of the process are shown, up to their bound', async () => {
  const registry = new Registry();
  const limiter = measureLimiter(createInProcessLimiter({ maxBuckets: 2 }), registry);
  const rule = { name: 'write', quota: 1, window_seconds: 60 };
  await limiter.consume(rule, 'a');
  expect(await registry.metrics()).toContain('soma_rate_buckets 1\n');
  for (const key of ['b', 'c']) await limiter.consume(rule, key);
  expect(await registry.metrics()).toContain('soma_rate_buckets 2\n');
  await limiter.close();
});

test('queries remembered are shown, of all embedders that are open', async () => {
  const registry = new Registry();
  const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
  const open = () => embedderFrom({ SOMA_EMBEDDER: 'hash' }, logger, registry);
  const [one, other] = [open(), open()];
  await one.embed(['green tea', 'black tea', 'green tea'], { purpose: 'query' });
  await one.embed(['a document'], { purpose: 'document' });
  await other.embed(['green tea'], { purpose: 'query' });
  expect(await registry.metrics()).toContain('soma_embedder_queries_remembered 3\n');
  const late = one.embed(['too late'], { purpose: 'query' });
  await one.close();
  await late.catch(() => undefined);
  expect(await registry.metrics()).toContain('soma_embedder_queries_remembered 1\n');
  await other.close();
});

test('what waits for the embedded index is shown', async () => {
  const registry = new Registry();
  // Nobody listens there; the first search starts the scanner all the same.
  const pool = createPool(
    { url: 'postgres://nobody@127.0.0.1:9/none', maxConnections: 1, applicationName: 'test' },
    () => undefined,
  );
  const workerUrl = new URL('data:text/javascript,setInterval(()=>undefined,60_000)');
  const scanner = startWorkerScanner({ maxPending: 3, maxHeapMb: 64, workerUrl });
  const index = measureIndex(createEmbeddedVectorIndex({ pool, startScanner: () => scanner }), registry);
  await expect(index.count('c')).rejects.toMatchObject({ code: 'index_unavailable' });
  const asked = Promise.allSettled([1, 2, 3, 4].map(() => scanner.run({ type: 'forget', collection: 'c' })));
  expect(await registry.metrics()).toContain('soma_index_searches_waiting 3\n');
  await index.close();
  await asked;
  expect(await registry.metrics()).toContain('soma_index_searches_waiting 0\n');
  await pool.end();
});
