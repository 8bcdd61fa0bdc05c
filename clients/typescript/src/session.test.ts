import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SomaClient, type SomaSession } from './client.js';
import { refusal, startScriptedService, type Reply, type ScriptedService } from './test/scripted-service.js';

let service: ScriptedService;
let session: SomaSession;
beforeEach(async () => {
  service = await startScriptedService();
  session = new SomaClient({ url: service.url, token: 't', retry: { attempts: 1 } }).session();
});
afterEach(() => service.close());

const written = (token: string): Reply => ({ body: {}, headers: { 'Soma-Consistency-Token': token } });
const sentTokens = () => service.asked.map(({ headers }) => headers['soma-consistency-token'] ?? null);

test('a session sends the token of its last write with everything that follows', async () => {
  service.play(written('t1'), written('t2'), { body: { memories: [] } });
  await session.store({ text: 'x' });
  await session.batch([{ op: 'delete', coord: 'a' }]);
  await session.search('x');
  expect(sentTokens()).toEqual([null, 't1', 't2']);
  expect(session.token).toBe('t2');
});

test('writes that are made at the same time go one after the other, so that the last token covers all', async () => {
  service.play(written('t1'), written('t2'), written('t3'), { body: { memories: [] } });
  await Promise.all(['a', 'b', 'c'].map((text) => session.store({ text })));
  await session.search('x');
  expect(sentTokens()).toEqual([null, 't1', 't2', 't3']);
});

test('a write that waits for its turn and is given up is not sent, and holds up nobody', async () => {
  service.play('silence');
  const [first, second] = [new AbortController(), new AbortController()];
  const calls = [first, second].map(({ signal }) =>
    session.store({ text: 'x' }, { signal }).catch(() => 'ended'),
  );
  while (service.asked.length === 0) await new Promise(setImmediate);
  second.abort();
  expect(await calls[1]).toBe('ended');
  service.play(written('t3'));
  const third = session.store({ text: 'third' });
  first.abort();
  await third;
  expect(service.asked.map(({ body }) => body)).toEqual(['{"text":"x"}', '{"text":"third"}']);
});

test('a read does not wait for writes that are under way', async () => {
  service.play('silence');
  const gone = new AbortController();
  const write = session.store({ text: 'x' }, { signal: gone.signal });
  while (service.asked.length === 0) await new Promise(setImmediate);
  service.play({ body: { memories: [] } });
  expect(await session.search('x')).toEqual({ memories: [] });
  gone.abort();
  await expect(write).rejects.toThrow();
});

test('what rejected a write is seen by the next read', async () => {
  service.play(refusal(412, 'version_conflict', { 'Soma-Consistency-Token': 't9' }), {
    body: { memory: {} },
  });
  await expect(session.patch('m', { text: 'x' }, { ifVersion: 1 })).rejects.toMatchObject({
    code: 'version_conflict',
  });
  await session.get('m');
  expect(sentTokens()).toEqual([null, 't9']);
});

test('a token that the service no longer takes is told once, and then let go', async () => {
  session = new SomaClient({ url: service.url, token: 't' }).session('of-before-the-restore');
  service.play(refusal(400, 'invalid_consistency_token'), { body: { memories: [] } });
  await expect(session.search('x')).rejects.toMatchObject({ code: 'invalid_consistency_token' });
  await session.search('x');
  expect(sentTokens()).toEqual(['of-before-the-restore', null]);
});

test('a session takes a thousand writes at once, not more', async () => {
  service.play('silence');
  const gone = new AbortController();
  const calls = Array.from({ length: 1_001 }, () => session.store({ text: 'x' }, { signal: gone.signal }));
  const last = calls.at(-1);
  await expect(last).rejects.toMatchObject({ code: 'session_busy', retryable: true });
  gone.abort();
  await Promise.allSettled(calls);
});
