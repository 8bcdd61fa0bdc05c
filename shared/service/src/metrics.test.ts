import { expect, test } from '@jest/globals';
import { counter, createRegistry, DURATION_BUCKETS, gauge, histogram, measured } from './metrics.js';

test('every metric carries its service, Node’s own among them', async () => {
  const registry = createRegistry('writer');
  counter(registry, { name: 'soma_records_total', help: 'x', labelNames: ['outcome'] }).inc(
    { outcome: 'done' },
    2,
  );
  const text = await registry.metrics();
  expect(text).toContain('soma_records_total{outcome="done",service="writer"} 2');
  expect(text).toMatch(/process_cpu_user_seconds_total\{service="writer"\}/);
});

test('services in one process share the metric of a name', () => {
  const registry = createRegistry('standalone');
  const options = { name: 'soma_x', help: 'x' };
  expect(counter(registry, options)).toBe(counter(registry, options));
  const g = { name: 'soma_y', help: 'y' };
  expect(gauge(registry, g)).toBe(gauge(registry, g));
  const h = { name: 'soma_z_seconds', help: 'z', buckets: DURATION_BUCKETS };
  expect(histogram(registry, h)).toBe(histogram(registry, h));
});

test('what is measured is read at each scrape', async () => {
  const registry = createRegistry('writer');
  let calls = 1;
  measured(registry, { name: 'soma_calls', help: 'x' }, () => calls);
  expect(await registry.metrics()).toContain('soma_calls{service="writer"} 1');
  calls = 2;
  expect(await registry.metrics()).toContain('soma_calls{service="writer"} 2');
});

test('one name is one kind of metric', () => {
  const registry = createRegistry('writer');
  gauge(registry, { name: 'soma_x', help: 'x' });
  expect(() => counter(registry, { name: 'soma_x', help: 'x' })).toThrow(/already been registered/);
});
