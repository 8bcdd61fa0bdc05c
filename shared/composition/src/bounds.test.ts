import { createInProcessLimiter } from '@soma/cache/in-process';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { measureLimiter } from './bounds.js';

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
