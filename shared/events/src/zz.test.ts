import { test } from '@jest/globals';
import { createCodec } from './index.js';
import { createCommittedIds } from './committed-ids/index.js';
import type { StoreMemory } from '@soma/memory';
test('x', async () => {
  const codec = createCodec({ ids: createCommittedIds() });
  const c: StoreMemory = { type: 'StoreMemory', command_id: '0190c1a0-1111-7000-8000-000000000001', namespace: 'default', coord: '42.0,17', request_hash: 'a'.repeat(64), issued_at: 1700000000000, issuer: 'token:x', conditions: { if_exists: false, if_absent: false, if_match: [{version: 3, revision: null}] }, payload: { topic: 'product', content: 'x'.repeat(400), n: 1.5, list: [1,2,3] }, text: null, memory_type: 'episodic', user_id: 'u', agent_id: null, thread_id: 't', actor: null, tags: ['a','b'], importance: 0.5, occurred_at: null, ttl_seconds: null, expires_at: null };
  const e = await codec.encodeCommand(c);
  console.log(e, e.value.length, await codec.decode(e));
  for (let r = 0; r < 3; r++) {
    let t = performance.now(); const N = 50000;
    for (let i = 0; i < N; i++) await codec.encodeCommand(c);
    const enc = N / (performance.now() - t) * 1000; t = performance.now();
    for (let i = 0; i < N; i++) await codec.decode(e);
    console.log('enc/s', enc | 0, 'dec/s', (N / (performance.now() - t) * 1000) | 0);
  }
});
