import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { OpenApiDocument } from '../openapi.js';
import { newToken } from '../test/new-token.js';
import { startGateway, type Called, type RunningGateway } from '../test/running-gateway.js';

/** In every memory of Ann's; whoever sees it saw one. */
const MARK = 'of-ann-alone';

let running: RunningGateway;
let ann: string;
let bob: string;
/** An operation of Ann's. */
let operationId: string;
let document: OpenApiDocument;

type Sent = [method: string, target: string, body?: unknown];
const sendAs = (token: string, [method, target, body]: Sent, headers: Record<string, string> = {}) =>
  running.call(method, target, {
    token,
    headers: target.startsWith('/events') ? { ...headers, accept: 'application/json' } : headers,
    ...(body === undefined ? {} : { body }),
  });

beforeAll(async () => {
  running = await startGateway();
  ann = (await newToken(running, { user_id: 'ann' })).secret;
  bob = (await newToken(running, { user_id: 'bob' })).secret;
  document = (await running.call('GET', '/openapi.json')).json as unknown as OpenApiDocument;
  const written = await sendAs(ann, ['PUT', '/memories/a', { payload: { text: MARK } }]);
  operationId = written.json['operation_id'] as string;
  await sendAs(ann, ['PUT', '/memories/b', { payload: { text: MARK } }]);
  await sendAs(ann, ['PUT', '/memories/1,1', { payload: { text: MARK } }]);
  await sendAs(ann, ['POST', '/graph/links', { from_coord: 'a', to_coord: 'b', properties: { note: MARK } }]);
});
afterAll(() => running.stop());

interface Probe {
  /** Reaches for what is Ann's. */
  send: () => Sent;
  /** What Bob gets: what he would get if it were not there. */
  bob: { status: number; json?: JsonObject };
  /** What Ann gets, to show that the probe reaches for something; absent where it would change it. */
  ann?: { status: number; sees?: false };
}

/**
 * One for every route that works in a namespace: a new one fails the test below until it shows here that it keeps a
 * token to its user.
 */
const PROBES: Record<string, Probe> = {
  getMemory: { send: () => ['GET', '/memories/a'], bob: { status: 404 }, ann: { status: 200 } },
  getMemories: {
    send: () => ['POST', '/memories/get', { coords: ['a', 'b'] }],
    bob: { status: 200, json: { memories: [null, null] } },
    ann: { status: 200 },
  },
  listMemories: {
    send: () => ['GET', '/memories'],
    bob: { status: 200, json: { memories: [], next_cursor: null } },
    ann: { status: 200 },
  },
  getRange: {
    send: () => ['GET', '/memories/range?min=0,0&max=2,2'],
    bob: { status: 200, json: { memories: [], next_cursor: null } },
    ann: { status: 200 },
  },
  countMemories: {
    send: () => ['POST', '/memories/count', { user_id: 'ann' }],
    bob: { status: 200, json: { count: 0 } },
    ann: { status: 200, sees: false },
  },
  followEvents: {
    send: () => ['GET', '/events?since=2000-01-01T00:00:00Z'],
    bob: { status: 200, json: { events: [] } },
    ann: { status: 200 },
  },
  createWebhook: {
    send: () => ['POST', '/webhooks', { url: 'https://example.com/' }],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  listWebhooks: { send: () => ['GET', '/webhooks'], bob: { status: 403, json: { code: 'forbidden' } } },
  getWebhook: {
    send: () => ['GET', `/webhooks/${operationId}`],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  changeWebhook: {
    send: () => ['PATCH', `/webhooks/${operationId}`, { paused: true }],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  deleteWebhook: {
    send: () => ['DELETE', `/webhooks/${operationId}`],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  rotateWebhook: {
    send: () => ['POST', `/webhooks/${operationId}/rotate`, {}],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  listDeliveries: {
    send: () => ['GET', `/webhooks/${operationId}/deliveries`],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  retryDeliveries: {
    send: () => ['POST', `/webhooks/${operationId}/deliveries/retry`, {}],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  exportMemories: { send: () => ['GET', '/admin/export'], bob: { status: 403, json: { code: 'forbidden' } } },
  importMemories: {
    send: () => ['POST', '/admin/import', { coord: 'a', text: 'mine now' }],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  getMemoryHistory: {
    send: () => ['GET', '/memories/a/history'],
    bob: { status: 404, json: { code: 'memory_not_found' } },
    ann: { status: 200 },
  },
  searchMemories: {
    send: () => ['POST', '/memories/search', { query: MARK, user_id: 'ann' }],
    bob: { status: 200, json: { memories: [] } },
    ann: { status: 200 },
  },
  searchMemoriesByQuery: {
    send: () => ['GET', `/memories/search?query=${MARK}`],
    bob: { status: 200, json: { memories: [] } },
    ann: { status: 200 },
  },
  getNeighbors: {
    send: () => ['GET', '/graph/neighbors?coord=a'],
    bob: { status: 200, json: { nodes: [], links: [] } },
    ann: { status: 200 },
  },
  getPath: {
    send: () => ['GET', '/graph/path?from_coord=a&to_coord=b'],
    bob: { status: 404, json: { code: 'no_path' } },
    ann: { status: 200 },
  },
  getOperation: {
    send: () => ['GET', `/operations/${operationId}`],
    bob: { status: 404, json: { code: 'operation_not_found' } },
    ann: { status: 200, sees: false },
  },
  storeMemory: {
    send: () => ['POST', '/memories', { coord: 'a', text: 'mine now' }],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  replaceMemory: {
    send: () => ['PUT', '/memories/a', { text: 'mine now' }],
    bob: { status: 403, json: { code: 'forbidden' } },
  },
  patchMemory: {
    send: () => ['PATCH', '/memories/a', { payload: { text: 'mine now' } }],
    bob: { status: 404, json: { code: 'memory_not_found' } },
  },
  deleteMemory: {
    send: () => ['DELETE', '/memories/a'],
    bob: { status: 200, json: { deleted: false, version: null } },
  },
  writeBatch: {
    send: () => [
      'POST',
      '/memories/batch',
      {
        operations: [
          { op: 'put', coord: 'a', text: 'mine now' },
          { op: 'patch', coord: 'a', importance: 1 },
          { op: 'delete', coord: 'b' },
          { op: 'put', coord: 'c', text: 'his', user_id: 'ann' },
        ],
      },
    ],
    bob: {
      status: 200,
      json: {
        results: [
          { ok: false, error: { code: 'forbidden' } },
          { ok: false, error: { code: 'memory_not_found' } },
          { ok: true, deleted: false },
          { ok: false, error: { code: 'forbidden' } },
        ],
      },
    },
  },
  storeMessages: {
    send: () => [
      'POST',
      '/memories/messages',
      { messages: [{ role: 'user', content: 'mine now', coord: 'a' }] },
    ],
    bob: { status: 200, json: { results: [{ ok: false, error: { code: 'forbidden' } }] } },
  },
  deleteMemories: {
    send: () => ['POST', '/memories/delete?until=accepted', { user_id: 'ann' }],
    // What the writer finds for it: nothing; see services/writer/src/bulk.
    bob: { status: 202, json: { matched: null, deleted: 0 } },
  },
  linkMemories: {
    send: () => ['POST', '/graph/links', { from_coord: 'a', to_coord: 'b', weight: 9 }],
    bob: { status: 404, json: { code: 'memory_not_found' } },
  },
  unlinkMemories: {
    send: () => ['DELETE', '/graph/links?from_coord=a&to_coord=b'],
    bob: { status: 200, json: { deleted: false } },
  },
};

/** As the document tells them: they take a namespace. */
function routesInNamespaces(): string[] {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  return operations
    .filter(({ parameters }) => parameters.some(({ name }) => name === 'Soma-Namespace'))
    .map(({ operationId }) => operationId);
}

test('every route in a namespace shows that it keeps a token to its user', () => {
  expect(Object.keys(PROBES).sort()).toEqual(routesInNamespaces().sort());
});

describe('to a token of another user', () => {
  test.each(Object.keys(PROBES))('%s is as if nothing were there, and changes nothing', async (name) => {
    const probe = PROBES[name] as Probe;
    const seen = await sendAs(bob, probe.send());
    expect({ status: seen.status, json: seen.json }).toMatchObject(probe.bob);
    expect(seen.text).not.toContain(MARK);
    if (probe.ann !== undefined) {
      const own = await sendAs(ann, probe.send());
      expect(own.status).toBe(probe.ann.status);
      if (probe.ann.sees !== false) expect(own.text).toContain(MARK);
    }
    await expectUntouched();
  });

  async function expectUntouched(): Promise<void> {
    for (const coord of ['a', 'b']) {
      const { json } = await sendAs(ann, ['GET', `/memories/${coord}`]);
      expect(json['memory']).toMatchObject({ version: 1, user_id: 'ann', payload: { text: MARK } });
    }
    const { json } = await sendAs(ann, ['GET', '/graph/neighbors?coord=a']);
    expect(json['links']).toMatchObject([{ weight: 1 }]);
  }

  test.each(['version=1', 'as_of=2999-01-01T00:00:00Z'])(
    'the past by %s is as if nothing were there',
    async (query) => {
      const past: Sent = ['GET', `/memories/a?${query}`];
      expect((await sendAs(ann, past)).text).toContain(MARK);
      expect(await sendAs(bob, past)).toMatchObject({ status: 404, json: { code: 'memory_not_found' } });
    },
  );

  test.each(['"1"', '"7"', '*'])('If-Match: %s is refused as where there is nothing', async (match) => {
    const conditions = { 'if-match': match };
    const answers: Called[] = [];
    for (const coord of ['a', 'free']) {
      answers.push(await sendAs(bob, ['PUT', `/memories/${coord}`, { text: 'x' }], conditions));
      answers.push(await sendAs(bob, ['DELETE', `/memories/${coord}`], conditions));
    }
    const told = answers.map(({ status, json: { code, detail } }) => ({ status, code, detail }));
    expect(told[0]).toMatchObject({ status: 412, code: 'version_conflict' });
    expect(told.slice(0, 2)).toEqual(told.slice(2));
  });

  test('an Idempotency-Key of another tells nothing', async () => {
    const key = { 'idempotency-key': 'the-same' };
    const own = await sendAs(ann, ['PUT', '/memories/keyed', { text: MARK }], key);
    expect(own.status).toBe(201);
    const others = await sendAs(bob, ['PUT', '/memories/keyed', { text: MARK }], key);
    expect(others).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect(others.headers.get('idempotency-replayed')).toBeNull();
    expect(others.text).not.toContain(own.json['operation_id']);
  });
});

describe('a token that is bound to a user', () => {
  test('stamps what it writes, and says whose it is', async () => {
    expect((await sendAs(bob, ['PUT', '/memories/mine', { text: 'x' }])).status).toBe(201);
    const messages = [{ role: 'user', content: 'x', coord: 'said' }];
    await sendAs(bob, ['POST', '/memories/messages', { messages }]);
    for (const coord of ['mine', 'said']) {
      const read = await running.call('GET', `/memories/${coord}`, { headers: { 'soma-namespace': 'team' } });
      expect(read.json['memory']).toMatchObject({ user_id: 'bob' });
    }
  });

  test.each<[string, Sent]>([
    ['a write for another', ['PUT', '/memories/for-ann', { text: 'x', user_id: 'ann' }]],
    ['giving a memory away', ['PATCH', '/memories/mine', { user_id: 'ann' }]],
    ['giving a memory to nobody', ['PATCH', '/memories/mine', { user_id: null }]],
  ])('may not do %s', async (_, sent) => {
    await sendAs(bob, ['PUT', '/memories/mine', { text: 'x' }]);
    expect(await sendAs(bob, sent)).toMatchObject({ status: 403, json: { code: 'forbidden' } });
  });

  test('sees no operation of another token, whoever its memory is', async () => {
    const headers = { 'soma-namespace': 'team' };
    const written = await running.call('PUT', '/memories/by-admin', {
      body: { text: 'x', user_id: 'bob' },
      headers,
    });
    expect((await sendAs(bob, ['GET', '/memories/by-admin'])).status).toBe(200);
    const id = written.json['operation_id'] as string;
    expect((await sendAs(bob, ['GET', `/operations/${id}`])).status).toBe(404);
  });

  test('looks back as a reader or as an admin, at its own memories', async () => {
    const looked = async (grant: JsonObject) => {
      const { secret } = await newToken(running, { namespaces: ['team'], ...grant });
      await sendAs(secret, ['GET', '/memories/mine/history']);
      await sendAs(secret, ['GET', '/memories/mine?version=1']);
      return running.reads.asked.slice(-2).map(({ request }) => request);
    };
    const asReader = { user_id: null, deleted_too: false };
    expect(await looked({ role: 'reader' })).toEqual(
      [asReader, asReader].map((one) => expect.objectContaining(one)),
    );
    const bound = { user_id: 'bob', deleted_too: false };
    expect(await looked({ role: 'admin', user_id: 'bob' })).toEqual(
      [bound, bound].map((one) => expect.objectContaining(one)),
    );
  });

  test('deletes by filter in its own name: the writer is told whose memories it may touch', async () => {
    await sendAs(bob, ['POST', '/memories/delete?until=accepted', { user_id: 'ann' }]);
    const [job] = running.jobs.all;
    expect(job?.request).toMatchObject({
      scope: { user_id: 'ann' },
      bound_to_user: 'bob',
      namespace: 'team',
    });
    const id = job?.job_id ?? '';
    expect((await sendAs(bob, ['GET', `/operations/${id}`])).status).toBe(200);
    expect((await sendAs(ann, ['GET', `/operations/${id}`])).status).toBe(404);
    expect(await sendAs(bob, ['POST', '/memories/delete', { all: true, erase: true }])).toMatchObject({
      status: 403,
    });
  });

  test('erases nothing, and operates nothing, even as an admin', async () => {
    const grant = { role: 'admin', namespaces: ['*'], user_id: 'bob' };
    const { secret } = await newToken(running, grant);
    const headers = { 'soma-namespace': 'team' };
    const erased = await sendAs(secret, ['DELETE', '/memories/mine?erase=true'], headers);
    expect(erased).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect(await sendAs(secret, ['GET', '/admin/tokens'])).toMatchObject({ status: 403 });
  });
});
