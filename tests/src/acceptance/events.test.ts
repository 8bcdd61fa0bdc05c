import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { Client } from './client.js';
import { EventReader, type ServerEvent } from './event-reader.js';
import { expectProblem } from './expect-problem.js';

interface EventPage {
  events: ServerEvent[];
  next: string;
}

const JSON_ONLY = { Accept: 'application/json' };
const pageOf = async (client: Client, query = '', headers: Record<string, string> = {}) =>
  (await client.call<EventPage>('GET', `/events${query}`, { headers: { ...JSON_ONLY, ...headers } })).body;
const told = (events: readonly ServerEvent[]) =>
  events.map(({ event, data }) => `${event === 'memory.deleted' ? '-' : ''}${data.coord}@${data.version}`);
const sinceStart = `since=${new Date(Date.now() - 86_400_000).toISOString()}`;

describe('the change feed', () => {
  test('tells what changes as it changes, in order, deletions among it', async () => {
    const client = new Client();
    const reader = await EventReader.open(client.namespace);
    expect(reader.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(reader.headers.get('cache-control')).toContain('no-store');
    const { body } = await client.put('a', { payload: { n: 1 } });
    await client.put('a', { payload: { n: 2 } });
    await client.call('DELETE', '/memories/a');
    const events = await reader.take(3);
    expect(told(events)).toEqual(['a@1', 'a@2', '-a@3']);
    expect(events[0]?.data).toMatchObject({ operation_id: body.operation_id, memory: { payload: { n: 1 } } });
    expect(events[2]?.data).toMatchObject({ memory: null });
    await reader.close();
  });

  test('goes on behind the last event, as a stream and as pages', async () => {
    const client = new Client();
    for (const coord of ['a', 'b', 'c', 'd']) await client.put(coord, { payload: {} });
    const first = await pageOf(client, `?${sinceStart}&limit=1`);
    const seen = told(first.events);
    for (let { next } = first; seen.length < 4;) {
      const page = await pageOf(client, `?after=${next}&limit=2`);
      seen.push(...told(page.events));
      next = page.next;
    }
    expect(seen.toSorted()).toEqual(['a@1', 'b@1', 'c@1', 'd@1']);
    const reader = await EventReader.open(client.namespace, '', {
      'Last-Event-ID': first.events[0]?.id ?? '',
    });
    expect(told(await reader.take(3))).toEqual(seen.slice(1));
    await reader.close();
  });

  test('a page waits for news as long as it is asked to', async () => {
    const client = new Client();
    const { next, events } = await pageOf(client);
    expect(events).toEqual([]);
    const waiting = pageOf(client, `?after=${next}`, { Prefer: 'wait=20' });
    await client.put('late', { payload: {} });
    expect(told((await waiting).events)).toEqual(['late@1']);
  });

  test('is of one namespace, and of what a filter passes; of a deletion, of what was deleted', async () => {
    const client = new Client();
    const other = new Client();
    const store = (coord: string, memory: JsonObject) => client.put(coord, memory);
    await store('tea', { payload: { topic: 'tea' }, user_id: 'ada' });
    await store('navy', { payload: { topic: 'navy' }, user_id: 'grace' });
    await other.put('elsewhere', { payload: { topic: 'tea' }, user_id: 'ada' });
    await client.call('DELETE', '/memories/navy');
    await client.call('DELETE', '/memories/tea');
    const about = (query: string) => pageOf(client, `?${sinceStart}&${query}`);
    expect(told((await about('user_id=ada')).events)).toEqual(['tea@1', '-tea@2']);
    const filters = encodeURIComponent('{"topic":"navy"}');
    expect(told((await about(`filters=${filters}`)).events)).toEqual(['navy@1', '-navy@2']);
  });

  test('what cannot be followed is refused before it begins', async () => {
    const client = new Client();
    const bad = await client.call('GET', '/events?after=nonsense');
    expectProblem(bad, 400, 'invalid_cursor');
    const { next } = await pageOf(client);
    expectProblem(await new Client().call('GET', `/events?after=${next}`), 400, 'invalid_cursor');
    expectProblem(
      await client.call('GET', '/events', { headers: { Accept: 'text/html' } }),
      406,
      'not_acceptable',
    );
    expect((await client.call('HEAD', '/events')).status).toBe(200);
  });
});
