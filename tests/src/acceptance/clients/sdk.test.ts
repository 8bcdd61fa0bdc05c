import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SomaError } from '@somafractalmemory/client';
import { target } from '../client.js';
import { randomSource } from '../random-source.js';
import { startCuttingProxy, type CuttingProxy } from './cutting-proxy.js';
import { sdkClient } from './sdk-client.js';

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('the TypeScript SDK', () => {
  test('stores, reads, changes, finds and deletes', async () => {
    const soma = sdkClient();
    const written = await soma.store({ coord: 'ada.tea', text: 'Ada prefers green tea', user_id: 'ada' });
    expect(written).toMatchObject({ coord: 'ada.tea', created: true, version: 1, status: 'stored' });
    await soma.patch('ada.tea', { tags: ['drink'] }, { until: 'indexed', waitSeconds: 30 });
    expect(await soma.get('ada.tea')).toMatchObject({ tags: ['drink'], version: 2 });
    const { memories } = await soma.search({ query: 'green tea', user_id: 'ada' });
    expect(memories.map(({ coord }) => coord)).toEqual(['ada.tea']);
    expect(await soma.getMany(['ada.tea', 'nothing'])).toMatchObject([{ coord: 'ada.tea' }, null]);
    expect(await soma.delete('ada.tea')).toMatchObject({ deleted: true });
    expect(await soma.get('ada.tea')).toBeNull();
  });

  test('links, walks and unlinks', async () => {
    const session = sdkClient().session();
    await session.batch(['a', 'b', 'c'].map((coord) => ({ op: 'put', coord, text: coord })));
    await session.link({ from_coord: 'a', to_coord: 'b', type: 'before' });
    await session.link({ from_coord: 'b', to_coord: 'c', type: 'before', weight: 2 });
    const { nodes } = await session.neighbors('a', { depth: 2 });
    expect(nodes.map(({ coord }) => coord).sort()).toEqual(expect.arrayContaining(['b', 'c']));
    expect(await session.path({ from_coord: 'a', to_coord: 'c' })).toMatchObject({ cost: 1.5 });
    expect(await session.unlink({ from_coord: 'a', to_coord: 'b', type: 'before' })).toMatchObject({
      deleted: true,
    });
    expect(await session.path({ from_coord: 'a', to_coord: 'c' })).toBeNull();
  });

  test('watches what changes, through connections that are cut, and misses and repeats nothing', async () => {
    const proxy = await startCuttingProxy(target().url);
    const random = randomSource(5);
    const namespace = `watched-${Date.now()}`;
    const soma = sdkClient({ namespace });
    const watcher = sdkClient({ namespace, url: proxy.url, retry: { baseMs: 1 } });
    // Two of three replies are lost, or half of one is.
    proxy.cutAfter = () => (random(10) < 7 ? random(400) : undefined);
    const written = 40;
    const writing = (async () => {
      for (let n = 0; n < written; n += 1) await soma.store({ coord: `m${n % 5}`, text: String(n) });
    })();
    const seen: string[] = [];
    const since = new Date(Date.now() - 3_600_000).toISOString();
    for await (const { data } of watcher.watch({ since })) {
      seen.push(data.memory?.text ?? '');
      if (seen.length === written) break;
    }
    await writing;
    expect(new Set(seen).size).toBe(written);
    expect(proxy.cuts).toBeGreaterThan(0);
    await proxy.close();
  });

  test('exports each memory once, over connections that are cut', async () => {
    const proxy = await startCuttingProxy(target().url);
    const namespace = `exported-${Date.now()}`;
    const session = sdkClient({ namespace }).session();
    const coords = Array.from({ length: 1_200 }, (_, index) => String(index + 1));
    const operations = coords.map((coord) => ({ op: 'put' as const, coord, text: `memory ${coord}` }));
    for (let from = 0; from < operations.length; from += 400)
      await session.batch(operations.slice(from, from + 400));
    const reader = sdkClient({ namespace, url: proxy.url, retry: { baseMs: 1 } });
    // Fewer in a row than an export bears; further and further on.
    proxy.cutAfter = () => (proxy.cuts < 4 ? 20_000 * proxy.cuts : undefined);
    const exported = await all(reader.export());
    await proxy.close();
    expect(proxy.cuts).toBe(4);
    expect(exported.map(({ coord }) => Number(coord)).sort((a, b) => a - b)).toEqual(coords.map(Number));
    expect(exported[0]).toMatchObject({ text: `memory ${exported[0]?.coord ?? ''}` });
  });

  test('refuses by code, and changes nothing', async () => {
    const soma = sdkClient();
    await soma.store({ coord: 'm', text: 'x' });
    await expect(soma.store({ coord: 'm', text: 'y' }, { ifAbsent: true })).rejects.toMatchObject({
      name: 'SomaError',
      code: 'already_exists',
      status: 412,
      retryable: false,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    await expect(soma.store({ coord: 'm', text: 'y' }, { ifVersion: 7 })).rejects.toMatchObject({
      code: 'version_conflict',
    });
    await expect(sdkClient({ token: 'wrong' }).get('m')).rejects.toMatchObject({ code: 'invalid_token' });
    expect(await soma.get('m')).toMatchObject({ text: 'x', version: 1 });
  });

  test('says what became of a write that was answered before its end', async () => {
    const soma = sdkClient();
    const written = await soma.store({ text: 'x' }, { until: 'accepted' });
    expect(['accepted', 'stored', 'indexed']).toContain((await soma.operation(written)).status);
  });

  test('a list has each memory once, in pages of any size', async () => {
    const soma = sdkClient();
    const coords = Array.from({ length: 25 }, (_, n) => `m${n}`);
    const session = soma.session();
    await session.batch(coords.map((coord) => ({ op: 'put', coord, text: coord, tags: ['kept'] })));
    const found = await all(session.list({ tag: 'kept', order: 'coord' }, { pageSize: 10 }));
    expect(found.map(({ coord }) => coord)).toEqual([...coords].sort());
    expect(await session.count({ tag: 'kept' })).toBe(25);
  });

  test('looks back: at a version, at a time, through the history', async () => {
    const session = sdkClient().session();
    await session.store({ coord: 'm', text: 'one' });
    await session.store({ coord: 'm', text: 'two' });
    const second = await session.get('m');
    await session.delete('m');
    expect(await session.get('m')).toBeNull();
    expect(await session.get('m', { version: 1 })).toMatchObject({ text: 'one' });
    expect(await session.get('m', { asOf: second?.updated_at })).toMatchObject({ text: 'two' });
    const versions = await all(session.history('m', { pageSize: 2 }));
    expect(versions.map(({ version, deleted }) => [version, deleted])).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
  });

  test('goes through a box of numeric coords, and through namespaces', async () => {
    const namespace = `sdk-box-${Date.now()}`;
    const session = sdkClient({ namespace }).session();
    const coords = ['0,0', '1,5', '2,11', '10,10', '-1,3', '1,2,3', 'name'];
    await session.batch(coords.map((coord) => ({ op: 'put', coord, text: coord })));
    const inside = await all(session.range('0,0', '10,10', { pageSize: 1 }));
    expect(inside.map(({ coord }) => coord).sort()).toEqual(['0,0', '1,5', '10,10']);
    expect(await all(session.namespaces())).toContain(namespace);
  });
});

describe('a session reads its own writes', () => {
  test('whatever is read, of 60 random writes that no answer waited for', async () => {
    const session = sdkClient().session();
    const random = randomSource(7);
    const expected = new Map<string, number>();
    for (let n = 0; n < 60; n += 1) {
      const coord = `m${random(8)}`;
      await session.store({ coord, text: `word${n}`, payload: { n } }, { until: 'accepted' });
      expected.set(coord, n);
      expect((await session.get(coord))?.payload).toEqual({ n });
      const { memories } = await session.search({ query: `word${n}`, mode: 'keyword' });
      expect(memories[0]).toMatchObject({ coord, payload: { n } });
    }
    expect(await session.count()).toBe(expected.size);
  });

  test('also of writes that were made at the same time', async () => {
    const session = sdkClient().session();
    const coords = Array.from({ length: 40 }, (_, n) => `m${n}`);
    await Promise.all(coords.map((coord) => session.store({ coord, text: coord }, { until: 'accepted' })));
    expect(await session.getMany(coords)).not.toContain(null);
  });

  test('also in another process, by its token', async () => {
    const soma = sdkClient();
    const session = soma.session();
    await session.store({ coord: 'm', text: 'x' }, { until: 'accepted' });
    expect(await soma.session(session.token).get('m')).toMatchObject({ coord: 'm' });
  });
});

describe('through a connection that loses replies', () => {
  let proxy: CuttingProxy;
  beforeAll(async () => {
    proxy = await startCuttingProxy(target().url);
  });
  afterAll(() => proxy.close());

  test('each write has one effect, however often its reply is lost', async () => {
    const random = randomSource(11);
    proxy.cutAfter = () => (random(10) < 4 ? random(400) : undefined);
    const soma = sdkClient({ url: proxy.url, retry: { attempts: 20, baseMs: 5 } });
    await soma.store({ coord: 'counted', payload: { n: 0 } });
    let replayed = 0;
    for (let n = 1; n <= 40; n += 1) {
      const patched = await soma.patch('counted', { payload: { n } });
      expect(patched.version).toBe(n + 1);
      replayed += Number(patched.replayed);
    }
    // Without a coord each attempt would make a memory of its own, were it not known again.
    for (let n = 1; n <= 40; n += 1) replayed += Number((await soma.store({ text: `made ${n}` })).replayed);
    proxy.cutAfter = undefined;
    expect(proxy.cuts).toBeGreaterThan(20);
    expect(replayed).toBeGreaterThan(10);
    expect(await soma.session().count()).toBe(41);
    expect(await soma.get('counted')).toMatchObject({ version: 41, payload: { n: 40 } });
  });

  test('a call ends at its deadline when no reply ever comes', async () => {
    proxy.cutAfter = () => 0;
    const soma = sdkClient({
      url: proxy.url,
      deadlineMs: 500,
      retry: { attempts: 1_000, baseMs: 20, maxMs: 20 },
    });
    const error = await soma.search('x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SomaError);
    expect(['unreachable', 'deadline_exceeded']).toContain((error as SomaError).code);
    proxy.cutAfter = undefined;
  });
});
