import { expect, test } from '@jest/globals';
import { createHashEmbedder } from '@soma/embedder/hash';
import { createPool } from '@soma/postgres';
import { Registry } from 'prom-client';
import { measureEmbedder, measurePool } from './observers.js';

test('calls to the embedder are counted while they run, those that fail too', async () => {
  const registry = new Registry();
  const inner = createHashEmbedder();
  const embedder = measureEmbedder(inner, registry);
  const calls = async () => /^soma_embedder_calls_in_flight (\d+)$/m.exec(await registry.metrics())?.[1];
  const call = embedder.embed(['green tea'], { purpose: 'query' });
  expect(await calls()).toBe('1');
  expect(await call).toEqual(await inner.embed(['green tea'], { purpose: 'query' }));
  expect(await calls()).toBe('0');
  inner.embed = () => Promise.reject(new Error('out'));
  await expect(embedder.embed(['green tea'], { purpose: 'query' })).rejects.toThrow('out');
  expect(await calls()).toBe('0');
});

test('who waits for a connection to Postgres is shown', async () => {
  const registry = new Registry();
  // Nobody listens there; what matters is the queue.
  const pool = createPool(
    { url: 'postgres://nobody@127.0.0.1:9/none', maxConnections: 2, applicationName: 'test' },
    () => undefined,
  );
  measurePool(pool, registry);
  const asked = Promise.allSettled([1, 2, 3].map(() => pool.query('select 1')));
  const told = await registry.metrics();
  expect(told).toContain('soma_postgres_waiting 1\n');
  expect(told).toContain('soma_postgres_connections 2\n');
  await asked;
  await pool.end();
});
