import {
  AsyncBatchedStore,
  InMemoryStore,
  InvalidNamespaceError,
  type BaseStore,
} from '@langchain/langgraph-checkpoint';
import { SomaStore } from '@somafractalmemory/client/langgraph';
import { describe, expect, test } from '@jest/globals';
import { sdkClient } from './sdk-client.js';

const create = (): SomaStore => new SomaStore(sdkClient());

/** What a script gives, without times and scores, which no two stores share. */
type Told = unknown[];

const item = (found: { namespace: string[]; key: string; value: unknown } | null | undefined): unknown =>
  found === null || found === undefined ? null : [found.namespace, found.key, found.value];

/** Scripts that every BaseStore answers alike. */
const SCRIPTS: Record<string, (store: BaseStore) => Promise<Told>> = {
  'puts, gets, replaces and deletes': async (store) => {
    await store.put(['users', 'ada'], 'prefs', { theme: 'dark' });
    const first = item(await store.get(['users', 'ada'], 'prefs'));
    await store.put(['users', 'ada'], 'prefs', { theme: 'light', nested: { deep: [1, null, 'x'] } });
    const second = item(await store.get(['users', 'ada'], 'prefs'));
    await store.delete(['users', 'ada'], 'prefs');
    return [
      first,
      second,
      item(await store.get(['users', 'ada'], 'prefs')),
      await store.get(['users'], 'none'),
    ];
  },
  'takes keys of any form': async (store) => {
    const keys = ['', '..', 'a/b', '42,17', 'ключ 🔑', 'x'.repeat(500)];
    for (const [n, key] of keys.entries()) await store.put(['any'], key, { n });
    return Promise.all(keys.map(async (key) => item(await store.get(['any'], key))));
  },
  'searches under whole labels of a path': async (store) => {
    await store.put(['users', 'ada'], 'k', { n: 1 });
    await store.put(['users', 'ada', 'deep'], 'k', { n: 2 });
    await store.put(['users', 'ada2'], 'k', { n: 3 });
    await store.put(['users'], 'k', { n: 4 });
    const under = async (...path: string[]) =>
      (await store.search(path, { limit: 50 })).map(item).sort(byText);
    return [await under('users', 'ada'), await under('users'), await under('user'), await under()];
  },
  'filters by fields of values': async (store) => {
    const values = [
      { status: 'active', score: 5, tag: 'a' },
      { status: 'active', score: 3 },
      { status: 'gone', score: 9, tag: 'a' },
    ];
    for (const [n, value] of values.entries()) await store.put(['docs'], `d${n}`, value);
    const passing = async (filter: Record<string, unknown>) =>
      (await store.search(['docs'], { filter })).map(({ key }) => key).sort();
    return [
      await passing({ status: 'active' }),
      await passing({ status: 'active', score: { $gte: 4 } }),
      await passing({ score: { $gt: 3, $lt: 9 } }),
      await passing({ status: { $ne: 'active' } }),
      await passing({ tag: { $ne: 'a' } }),
      await passing({ tag: { $in: ['a', 'b'] } }),
    ];
  },
  'lists namespaces': async (store) => {
    for (const path of [['a', 'b', 'c'], ['a', 'b'], ['a', 'x', 'c'], ['z']]) await store.put(path, 'k', {});
    return [
      await store.listNamespaces(),
      await store.listNamespaces({ prefix: ['a'] }),
      await store.listNamespaces({ suffix: ['c'] }),
      await store.listNamespaces({ prefix: ['a', '*'], maxDepth: 2 }),
      await store.listNamespaces({ limit: 2, offset: 1 }),
    ];
  },
  'keeps the last of several puts in one batch': async (store) => {
    await store.batch([
      { namespace: ['b'], key: 'k', value: { n: 1 } },
      { namespace: ['b'], key: 'other', value: { n: 2 } },
      { namespace: ['b'], key: 'other', value: null },
      { namespace: ['b'], key: 'k', value: { n: 3 } },
    ]);
    return [item(await store.get(['b'], 'k')), item(await store.get(['b'], 'other'))];
  },
};

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

describe('as a LangGraph store', () => {
  test.each(Object.entries(SCRIPTS))('it %s, as InMemoryStore does', async (_, script) => {
    expect(await script(create())).toEqual(await script(new InMemoryStore()));
  });

  test.each([[[]], [['a.b']], [['']], [['langgraph', 'x']]])(
    '%j is no namespace to put into',
    async (namespace) => {
      await expect(create().put(namespace, 'k', {})).rejects.toThrow(InvalidNamespaceError);
    },
  );

  test('batches refuse a label with the separator too', async () => {
    const operation = { namespace: ['users.ada'], key: 'k', value: {} };
    await expect(create().batch([operation])).rejects.toThrow(InvalidNamespaceError);
  });

  test('gets of a batch see what was there before its puts', async () => {
    const store = create();
    await store.put(['b'], 'k', { n: 0 });
    const [before] = await store.batch([
      { namespace: ['b'], key: 'k' },
      { namespace: ['b'], key: 'k', value: { n: 1 } },
    ]);
    expect(before).toMatchObject({ value: { n: 0 } });
    expect(await store.get(['b'], 'k')).toMatchObject({ value: { n: 1 } });
  });

  test('searches by meaning and words, at once after the put, within the prefix', async () => {
    const store = create();
    await store.put(['users', 'ada'], 'tea', { fact: 'Ada prefers green tea in the afternoon' });
    await store.put(['users', 'ada'], 'bike', { fact: 'The bicycle is in the cellar' });
    await store.put(['users', 'bob'], 'tea', { fact: 'Bob prefers green tea, too' });
    const [best] = await store.search(['users', 'ada'], { query: 'green tea' });
    expect(best).toMatchObject({ key: 'tea', namespace: ['users', 'ada'], score: expect.any(Number) });
    expect(best?.createdAt).toBeInstanceOf(Date);
    const users = await store.search(['users'], { query: 'green tea', limit: 2 });
    expect(users.map(({ key }) => key)).toEqual(['tea', 'tea']);
  });

  test('searches what a put says is to be searched', async () => {
    const store = create();
    await store.put(['docs'], 'a', { title: 'walrus', body: 'nothing else' }, ['title']);
    await store.put(['docs'], 'b', { title: 'other', body: 'walrus' }, ['title']);
    await store.put(['docs'], 'c', { title: 'walrus' }, false);
    const [best] = await store.search(['docs'], { query: 'walrus' });
    expect(best?.key).toBe('a');
    expect(await store.get(['docs'], 'c')).toMatchObject({ value: { title: 'walrus' } });
  });

  test('pages through more than one answer of the service has', async () => {
    const store = create();
    const puts = Array.from({ length: 620 }, (_, n) => ({
      namespace: ['many'],
      key: `k${n}`,
      value: { text: `walrus ${n}` },
    }));
    await store.batch(puts);
    const found = await store.search(['many'], { query: 'walrus', limit: 250, offset: 30 });
    expect(new Set(found.map(({ key }) => key)).size).toBe(250);
    const newest = await store.search(['many'], { limit: 600, offset: 15 });
    expect(new Set(newest.map(({ key }) => key)).size).toBe(600);
  });

  test('works inside the wrapper that LangGraph puts around stores', async () => {
    const store = new AsyncBatchedStore(create());
    store.start();
    await store.put(['a'], 'k', { n: 1 });
    expect(await store.get(['a'], 'k')).toMatchObject({ value: { n: 1 } });
    await store.stop();
  });
});
