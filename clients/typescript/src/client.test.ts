import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SomaClient, type SomaClientOptions } from './client.js';
import { SomaError } from './errors.js';
import { refusal, startScriptedService, type ScriptedService } from './test/scripted-service.js';

let service: ScriptedService;
beforeEach(async () => {
  service = await startScriptedService();
});
afterEach(() => service.close());

function client(options: Partial<SomaClientOptions> = {}): SomaClient {
  const retry = { baseMs: 1, ...options.retry };
  return new SomaClient({ url: service.url, token: 'secret', ...options, retry });
}

const keyOf = (index: number) => service.asked[index]?.headers['idempotency-key'];

async function failure(promise: Promise<unknown>): Promise<SomaError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SomaError) return error;
  throw new Error('no SomaError', { cause: error });
}

describe('a call', () => {
  test('is sent with token, namespace, wait, conditions and a key', async () => {
    service.play({ status: 201, body: { coord: 'a', version: 1 } });
    const options = { until: 'indexed', waitSeconds: 7, ifVersion: 3 } as const;
    await client({ namespace: 'team' }).store({ coord: 'a', text: 'x' }, options);
    expect(service.asked[0]).toMatchObject({
      line: 'POST /memories?until=indexed',
      body: '{"coord":"a","text":"x"}',
      headers: {
        authorization: 'Bearer secret',
        'content-type': 'application/json',
        'soma-namespace': 'team',
        prefer: 'wait=7',
        'if-match': '"3"',
        'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    });
  });

  test('asks for its token each time, when that is a function', async () => {
    const tokens = ['one', 'two'];
    const rotating = client({ token: async () => tokens.shift() ?? '' });
    await rotating.search('x');
    await rotating.search('x');
    expect(service.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two']);
  });

  test('says of a write what its headers say', async () => {
    const headers = { 'Soma-Consistency-Token': 't1', 'Idempotency-Replayed': 'true' };
    service.play({ status: 201, body: { coord: 'a' }, headers });
    const written = await client().store({ text: 'x' });
    expect(written).toEqual({ coord: 'a', created: true, replayed: true, consistency_token: 't1' });
  });

  test('keeps commas and other signs of a coord in their place', async () => {
    service.play({ body: { memory: {} } });
    await client().get('42,17');
    await client().delete('a:b~c@d');
    expect(service.asked.map(({ line }) => line)).toEqual([
      'GET /memories/42%2C17',
      'DELETE /memories/a%3Ab~c%40d',
    ]);
  });

  test.each(['', '.', '..', '.hidden', 'search', 'batch'])(
    '%j is no coord, and is not sent',
    async (coord) => {
      expect(await failure(client().delete(coord))).toMatchObject({ code: 'invalid_coord', status: null });
      expect(service.asked).toEqual([]);
    },
  );

  test.each(['ftp://h', 'nowhere', 'http://user:pass@h', 'http://h/?token=x'])('%s is no url', (url) => {
    expect(() => new SomaClient({ url, token: 't' })).toThrow(expect.objectContaining({ name: 'TypeError' }));
  });
});

describe('a failure', () => {
  test('has code, status, request id, places, and is retryable or not', async () => {
    const errors = [{ pointer: '/tags', detail: 'Too big' }];
    const body = { code: 'invalid_request', detail: 'no', status: 400, errors };
    service.play({ status: 400, body, headers: { 'X-Request-Id': 'r-9' } });
    const error = await failure(client().store({ text: 'x' }));
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, retryable: false, requestId: 'r-9' });
    expect(error.message).toBe('invalid_request: no; /tags: Too big');
    expect(error.faults).toEqual(errors);
    expect(service.asked).toHaveLength(1);
  });

  test('of another program is told as that', async () => {
    service.play({ status: 200, text: '<html>hello</html>' });
    expect(await failure(client().search('x'))).toMatchObject({
      code: 'unexpected_answer',
      retryable: false,
    });
    service.play({ status: 302, headers: { Location: 'http://elsewhere.test/' } });
    expect(await failure(client().search('x'))).toMatchObject({ code: 'unexpected_answer', status: 302 });
  });

  test('that is an absent memory or path is null', async () => {
    service.play(refusal(404, 'memory_not_found'));
    expect(await client().get('m')).toBeNull();
    service.play(refusal(404, 'no_path'));
    expect(await client().path({ from_coord: 'a', to_coord: 'b' })).toBeNull();
    service.play(refusal(404, 'route_not_found'));
    expect(await failure(client().get('m'))).toMatchObject({ code: 'route_not_found' });
  });

  test('never holds the token', async () => {
    service.play('cut');
    const error = await failure(client().store({ text: 'x' }));
    expect(inspect(error, { depth: 9 })).not.toContain('secret');
  });
});

describe('what may pass is tried again', () => {
  const busy = refusal(503, 'overloaded');

  test.each<[string, Parameters<ScriptedService['play']>[0]]>([
    ['a refusal that says so', busy],
    ['a gateway error of a proxy', { status: 502, text: 'bad gateway' }],
    ['a connection that is cut', 'cut'],
    ['a reply that is cut in the middle', 'cut mid-reply'],
  ])('%s', async (_, reply) => {
    service.play(reply, { status: 201, body: { coord: 'a' } });
    expect(await client().store({ text: 'x' })).toMatchObject({ coord: 'a' });
    expect(service.asked).toHaveLength(2);
    expect(service.asked[1]?.body).toBe(service.asked[0]?.body);
    expect(keyOf(1)).toBe(keyOf(0));
  });

  test('under another key in each call, or the one that is given', async () => {
    await client().store({ text: 'x' });
    await client().store({ text: 'x' });
    await client().store({ text: 'x' }, { idempotencyKey: 'mine' });
    expect(keyOf(0)).not.toBe(keyOf(1));
    expect(keyOf(2)).toBe('mine');
  });

  test('as often as the options say, then its error is thrown', async () => {
    service.play(busy);
    const error = await failure(client({ retry: { attempts: 3 } }).search('x'));
    expect(error).toMatchObject({ code: 'overloaded', status: 503, retryable: true });
    expect(service.asked).toHaveLength(3);
  });

  test('not before Retry-After, and not at all when that is past the deadline', async () => {
    service.play(refusal(429, 'rate_limited', { 'Retry-After': '1' }), { body: { memories: [] } });
    const started = performance.now();
    await client().search('x');
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
    service.play(refusal(429, 'rate_limited', { 'Retry-After': '3600' }));
    expect(await failure(client().search('x'))).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 3_600_000,
    });
  });

  test('an attempt that is not answered is given up for the next', async () => {
    service.play('silence', { body: { memories: [] } });
    await client({ retry: { attemptMs: 50 } }).search('x', { waitSeconds: 0 });
    expect(service.asked).toHaveLength(2);
  });
});

describe('the end of a call', () => {
  test('comes at its deadline, whatever is under way', async () => {
    service.play('silence');
    const error = await failure(client({ deadlineMs: 50 }).search('x'));
    expect(error).toMatchObject({ code: 'deadline_exceeded', status: null, retryable: true });
  });

  test('comes when its signal says, with the reason of the signal', async () => {
    service.play('silence');
    const gone = new AbortController();
    const call = client().store({ text: 'x' }, { signal: gone.signal });
    while (service.asked.length === 0) await new Promise(setImmediate);
    const reason = new Error('the user left');
    gone.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(client().search('x', { signal: gone.signal })).rejects.toBe(reason);
    expect(service.asked).toHaveLength(1);
  });

  test('leaves no connection, no timer and no listener behind', async () => {
    service.play('silence');
    // fetch keeps timers of its own for a while: after a call they are there before, too.
    await failure(client({ deadlineMs: 20 }).search('x'));
    service.asked.length = 0;
    const before = timers();
    const gone = new AbortController();
    const calls = Array.from({ length: 20 }, () => client().store({ text: 'x' }, { signal: gone.signal }));
    while (service.asked.length < 20) await new Promise(setImmediate);
    gone.abort();
    await Promise.allSettled(calls);
    while ((await service.connections()) > 0) await new Promise(setImmediate);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

describe('watching', () => {
  const change = (coord: string) => ({ id: coord, event: 'memory.stored', data: { coord } });

  test('goes from page to page, through outages, without an end', async () => {
    service.play(
      { body: { events: [], next: 'p1' } },
      { body: { events: [change('a'), change('b')], next: 'p2' } },
      ...Array.from({ length: 5 }, () => refusal(503, 'overloaded')),
      { body: { events: [change('c')], next: 'p3' } },
    );
    const seen: string[] = [];
    for await (const { id } of client().watch({ user_id: 'ada', filters: { topic: 'tea' } })) {
      seen.push(id);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    const lines = service.asked.map(({ line, headers }) => `${line} ${String(headers.prefer)}`);
    const asked = 'GET /events?user_id=ada&filters=%7B%22topic%22%3A%22tea%22%7D';
    expect([...new Set(lines)]).toEqual([
      `${asked} wait=0`,
      `${asked}&after=p1 wait=20`,
      `${asked}&after=p2 wait=20`,
    ]);
  });

  test('goes on behind a change, and ends with what no waiting mends', async () => {
    service.play(refusal(410, 'cursor_expired'));
    const changes = client().watch({ after: 'x' });
    const error = await failure(changes.next());
    expect(error).toMatchObject({ code: 'cursor_expired', status: 410 });
    expect(service.asked[0]?.line).toBe('GET /events?after=x');
  });

  test('ends when its signal comes, also between attempts', async () => {
    service.play(...Array.from({ length: 20 }, () => refusal(503, 'overloaded')));
    const stopping = new AbortController();
    const changes = client().watch({}, { signal: stopping.signal });
    const next = changes.next();
    const timer = setInterval(() => {
      if (service.asked.length >= 5) stopping.abort(new Error('enough'));
    }, 5);
    await expect(next).rejects.toThrow('enough');
    clearInterval(timer);
  });
});

describe('exporting', () => {
  const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const row = (coord: string) => ({ coord, payload: {} });

  test('goes through pages, and behind a cut on with what the last whole one names', async () => {
    service.play(
      { text: lines(row('a'), { next_cursor: 'p1' }, row('b')) },
      'cut',
      { text: `${lines(row('b'), row('c'))}{"next_cur` },
      { text: lines(row('b'), row('c'), { next_cursor: null }) },
    );
    const coords: string[] = [];
    for await (const { coord } of client().export({ filters: { topic: 'tea' } })) coords.push(coord);
    expect(coords).toEqual(['a', 'b', 'c']);
    const asked = 'GET /admin/export?filters=%7B%22topic%22%3A%22tea%22%7D';
    const after = `${asked}&cursor=p1`;
    expect(service.asked.map(({ line }) => line)).toEqual([asked, after, after, after]);
    expect(service.asked[0]?.headers.accept).toBe('application/x-ndjson');
  });

  test('gives up when nothing comes of going on, and says what the service refuses', async () => {
    service.play({ text: lines(row('a')) });
    expect(await failure(client().export().next())).toMatchObject({ code: 'unreachable', retryable: true });
    service.play(refusal(403, 'forbidden'));
    expect(await failure(client().export().next())).toMatchObject({ code: 'forbidden' });
  });

  test('leaves no connection when it is left, or its signal comes', async () => {
    const page = lines(row('a'), { next_cursor: 'p1' });
    service.play({ text: page, open: true });
    for await (const { coord } of client().export()) {
      expect(coord).toBe('a');
      break;
    }
    const stopping = new AbortController();
    const rows = client().export({}, { signal: stopping.signal });
    await rows.next();
    const next = rows.next();
    stopping.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    while ((await service.connections()) > 0) await new Promise(setImmediate);
  });
});
