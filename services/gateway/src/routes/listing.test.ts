import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { countAnswer, historyAnswer, namespacesAnswer, pageAnswer } from '../schemas/listing.js';
import { newToken } from '../test/new-token.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway();
  call = running.call;
  for (const coord of ['a', 'b', 'c', '1,1', '2,2', '9,9']) {
    const body = { payload: { of: coord }, user_id: coord < 'b' ? 'u1' : 'u2', tags: [coord] };
    await call('PUT', `/memories/${coord}`, { body });
  }
});
afterAll(() => running.stop());

const coordsOf = (json: JsonObject) => (json['memories'] as JsonObject[]).map(({ coord }) => coord);
const asked = () => running.reads.asked.at(-1)?.request;
const cursorIn = (json: JsonObject) => encodeURIComponent(json['next_cursor'] as string);
const BAD_CURSOR = { status: 400, json: { code: 'invalid_cursor' } };

describe('listing', () => {
  test('gives pages until there is no cursor any more; the limit may change on the way', async () => {
    const first = await call('GET', '/memories?limit=2');
    pageAnswer.parse(first.json);
    expect(coordsOf(first.json)).toEqual(['1,1', '2,2']);
    const rest = await call('GET', `/memories?limit=10&cursor=${cursorIn(first.json)}`);
    expect(coordsOf(rest.json)).toEqual(['9,9', 'a', 'b', 'c']);
    expect(rest.json['next_cursor']).toBeNull();
  });

  test('asks by created_at from the first on, and for 50, unless told otherwise', async () => {
    await call('GET', '/memories');
    expect(asked()).toEqual({
      filter: { op: 'and', clauses: [] },
      order: 'created_at',
      direction: 'asc',
      since: null,
      until: null,
      after: null,
      limit: 50,
    });
    await call(
      'GET',
      '/memories?order=occurred_at&direction=desc&since=2024-01-01T00:00:00Z&until_time=2024-01-02T00:00:00%2B01:00',
    );
    expect(asked()).toMatchObject({
      order: 'occurred_at',
      direction: 'desc',
      since: Date.UTC(2024, 0, 1),
      until: Date.UTC(2024, 0, 1, 23),
    });
  });

  test('every way to narrow it counts', async () => {
    const filters = encodeURIComponent('{"of":{"$ne":"b"}}');
    const answer = await call('GET', `/memories?user_id=u2&tag=c&memory_type=episodic&filters=${filters}`);
    expect(coordsOf(answer.json)).toEqual(['c']);
    expect(coordsOf((await call('GET', '/memories?agent_id=x')).json)).toEqual([]);
    expect(coordsOf((await call('GET', '/memories?thread_id=x')).json)).toEqual([]);
  });

  test('a cursor is good for its query and namespace alone', async () => {
    const { json } = await call('GET', '/memories?limit=1&user_id=u2');
    const cursor = cursorIn(json);
    expect((await call('GET', `/memories?user_id=u2&cursor=${cursor}`)).status).toBe(200);
    for (const query of [
      '',
      'user_id=u1',
      'user_id=u2&tag=c',
      'user_id=u2&order=coord',
      'user_id=u2&direction=desc',
    ]) {
      expect(await call('GET', `/memories?${query}&cursor=${cursor}`)).toMatchObject(BAD_CURSOR);
    }
    const elsewhere = { headers: { 'soma-namespace': 'other' } };
    expect(await call('GET', `/memories?user_id=u2&cursor=${cursor}`, elsewhere)).toMatchObject(BAD_CURSOR);
    expect(await call('GET', `/memories/a/history?cursor=${cursor}`)).toMatchObject(BAD_CURSOR);
    expect(await call('GET', '/memories?cursor=nonsense')).toMatchObject(BAD_CURSOR);
    expect(await call('GET', '/memories?cursor=')).toMatchObject(BAD_CURSOR);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['order=importance', 'order'],
    ['direction=down', 'direction'],
    ['since=yesterday', 'since'],
    ['until_time=2024-02-30T00:00:00Z', 'until_time'],
    ['since=0000-01-01T00:00:00Z', 'since'],
    ['until_time=9999-12-31T23:59:59-23:00', 'until_time'],
    ['top_k=5', 'top_k'],
  ])('%s is refused', async (query, parameter) => {
    expect(await call('GET', `/memories?${query}`)).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ parameter }] },
    });
  });

  test.each(['%7Bno', '[]', '%7B%22%24where%22%3A1%7D'])('filters=%s is refused', async (filters) => {
    expect(await call('GET', `/memories?filters=${filters}`)).toMatchObject({
      status: 400,
      json: { code: 'invalid_filter' },
    });
  });

  test('a token and a wait reach the reading side, HEAD has no body', async () => {
    const written = await call('PUT', '/memories/a', {
      body: { payload: { of: 'a' }, user_id: 'u1', tags: ['a'] },
    });
    const token = String(written.headers.get('soma-consistency-token'));
    const headers = { 'soma-consistency-token': token, prefer: 'wait=1' };
    for (const target of [
      '/memories',
      '/memories/range?min=0&max=1',
      '/memories/a/history',
      '/memories/a?version=1',
    ]) {
      await call('GET', target, { headers });
      expect(running.reads.asked.at(-1)?.options).toMatchObject({ waitMs: 1000, after: { generation: 1 } });
    }
    expect(await call('HEAD', '/memories')).toMatchObject({ status: 200, text: '' });
  });
});

describe('counting', () => {
  test('counts what passes', async () => {
    const count = async (body: unknown) => (await call('POST', '/memories/count', { body })).json;
    expect(await count({})).toEqual({ count: 6 });
    expect(await count({ user_id: 'u2', filters: { of: { $in: ['b', 'a'] } } })).toEqual({ count: 1 });
    countAnswer.parse(await count({ tag: 'a' }));
  });

  test('a bad filter and an unknown field are refused', async () => {
    const bad = await call('POST', '/memories/count', { body: { filters: { a: {} } } });
    expect(bad).toMatchObject({ status: 400, json: { code: 'invalid_filter' } });
    const unknown = await call('POST', '/memories/count', { body: { limit: 1 } });
    expect(unknown).toMatchObject({ status: 400, json: { errors: [{ pointer: '/limit' }] } });
    expect(await call('GET', '/memories/count')).toMatchObject({ status: 405 });
  });
});

describe('ranges', () => {
  test('ask for a box by canonical numbers, page by page', async () => {
    const first = await call('GET', '/memories/range?min=0.0,-0&max=5,5&limit=1');
    pageAnswer.parse(first.json);
    expect(asked()).toMatchObject({ min: ['0', '0'], max: ['5', '5'], after: null, limit: 1 });
    expect(coordsOf(first.json)).toEqual(['1,1']);
    const next = await call('GET', `/memories/range?min=0,0&max=5,5&cursor=${cursorIn(first.json)}`);
    expect(coordsOf(next.json)).toEqual(['2,2']);
    const other = await call('GET', `/memories/range?min=0,0&max=6,5&cursor=${cursorIn(first.json)}`);
    expect(other).toMatchObject(BAD_CURSOR);
  });

  test.each([
    ['min=0&max=a', 'invalid_coord'],
    ['min=1e3&max=2', 'invalid_coord'],
    ['min=0,&max=1,1', 'invalid_coord'],
    ['min=0,0&max=1', 'invalid_request'],
    ['min=0,0.2&max=1,0.15', 'invalid_request'],
    ['min=0', 'invalid_request'],
    ['min=0&max=1&limit=0', 'invalid_request'],
  ])('%s is 400 %s', async (query, code) => {
    expect(await call('GET', `/memories/range?${query}`)).toMatchObject({ status: 400, json: { code } });
  });
});

describe('history', () => {
  test('shows versions with the command that made them', async () => {
    const { json } = await call('GET', '/memories/b/history?limit=1');
    historyAnswer.parse(json);
    expect(json['versions']).toMatchObject([
      { version: 1, deleted: false, issuer: 'api-token', memory: { coord: 'b' } },
    ]);
    expect(
      (await call('GET', `/memories/b/history?cursor=${cursorIn(json)}`)).json['next_cursor'],
    ).toBeNull();
    expect(await call('GET', `/memories/c/history?cursor=${cursorIn(json)}`)).toMatchObject(BAD_CURSOR);
    expect(await call('GET', '/memories/none/history')).toMatchObject({
      status: 404,
      json: { code: 'memory_not_found' },
    });
    expect(await call('GET', '/memories/1,,2/history')).toMatchObject({
      status: 400,
      json: { code: 'invalid_coord' },
    });
  });

  test('a memory is read as of a version or a time, with its ETag', async () => {
    const now = await call('GET', '/memories/b?version=1');
    expect(now).toMatchObject({ status: 200, json: { memory: { coord: 'b', version: 1 } } });
    const etag = String(now.headers.get('etag'));
    expect(etag).toMatch(/^"1-/);
    expect((await call('GET', '/memories/b?version=1', { headers: { 'if-none-match': etag } })).status).toBe(
      304,
    );
    await call('GET', '/memories/b?as_of=2024-01-01T00:00:00Z');
    expect(asked()).toMatchObject({ key: 'b', moment: { as_of: Date.UTC(2024, 0, 1) } });
    expect(await call('GET', '/memories/b?version=7')).toMatchObject({
      status: 410,
      json: { code: 'history_expired' },
    });
  });

  test.each(['version=0', 'version=x', 'as_of=1', 'version=1&as_of=2024-01-01T00:00:00Z', 'of=1'])(
    '%s is refused',
    async (query) => {
      expect(await call('GET', `/memories/b?${query}`)).toMatchObject({
        status: 400,
        json: { code: 'invalid_request' },
      });
    },
  );
});

describe('namespaces', () => {
  test('are those that hold something, and the default one', async () => {
    await call('PUT', '/memories/m', { body: { text: 'x' }, headers: { 'soma-namespace': 'attic' } });
    const first = await call('GET', '/namespaces?limit=1');
    namespacesAnswer.parse(first.json);
    expect(first.json['namespaces']).toEqual([{ namespace: 'attic' }]);
    const rest = await call('GET', `/namespaces?cursor=${cursorIn(first.json)}`);
    expect(rest.json).toEqual({ namespaces: [{ namespace: 'default' }], next_cursor: null });
    expect(await call('GET', '/namespaces?cursor=x')).toMatchObject(BAD_CURSOR);
  });

  test('of a token that is kept to some are those, whatever they hold', async () => {
    const { secret: token } = await newToken(running, {
      role: 'reader',
      namespaces: ['team', 'attic', 'empty'],
    });
    const first = await call('GET', '/namespaces?limit=2', { token });
    expect(first.json['namespaces']).toEqual([{ namespace: 'attic' }, { namespace: 'empty' }]);
    const rest = await call('GET', `/namespaces?cursor=${cursorIn(first.json)}`, { token });
    expect(rest.json).toEqual({ namespaces: [{ namespace: 'team' }], next_cursor: null });
  });
});
