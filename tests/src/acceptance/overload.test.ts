import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { profile } from '../acceptance-system/index.js';
import { OwnEmbedder } from '../fault-suite/tools/embedder.js';
import { until, type ServiceName } from '../system/index.js';
import { Client, coordsOf, tokenOf, type Answer } from './client.js';
import { expectProblem } from './expect-problem.js';
import { startOwnSystem, type OwnSystem } from './own-system.js';

const MAX_BACKLOG = 5;
const MAX_IN_FLIGHT = 4;
/** A limit against hanging, not a measure. */
const PATIENCE_MS = 60_000;

let embedder: OwnEmbedder;
let system: OwnSystem;
const started: (() => Promise<void>)[] = [];
beforeAll(async () => {
  embedder = await OwnEmbedder.start();
  started.push(() => embedder.stop());
  system = await startOwnSystem({
    SOMA_MAX_BACKLOG: String(MAX_BACKLOG),
    SOMA_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT),
    SOMA_HEADERS_TIMEOUT: '1',
    SOMA_REQUEST_TIMEOUT: '1',
    SOMA_READ_TIMEOUT_MS: '2000',
    SOMA_EMBEDDER: 'openai',
    SOMA_EMBEDDER_URL: `http://127.0.0.1:${embedder.port}/v1`,
    SOMA_EMBEDDER_MODEL: embedder.model,
    SOMA_EMBEDDER_DIMENSION: String(embedder.dimension),
  });
  started.push(() => system.stop());
}, 180_000);
afterEach(() => {
  embedder.set('sound');
});
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

function newClient(): Client {
  return new Client({ target: system.target });
}

function expectOverloaded(answer: Answer<unknown>): void {
  expectProblem(answer, 503, 'overloaded');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
}

/** Writes memories until one is refused; the first of them is at `m1`. */
async function flood(client: Client): Promise<void> {
  let n = 0;
  const refused = await until('the flood to be refused', PATIENCE_MS, async () => {
    n += 1;
    const answer = await client.put(`m${n}`, { payload: { text: `flood ${n}` } });
    if (answer.status === 503) return answer;
    expect(answer.status).toBe(201);
    return undefined;
  });
  expectOverloaded(refused);
  expect(n).toBeGreaterThan(MAX_BACKLOG);
}

/** How much waits is looked up once a second, so a few deletions may still be let in. */
async function untilDeletionIsRefused(client: Client): Promise<void> {
  let last = await client.delete('m2');
  await until('a deletion to be refused', PATIENCE_MS, async () => {
    if (last.status === 200 || last.status === 202) last = await client.delete('m2');
    return last.status === 503;
  });
  expectOverloaded(last);
}

/** Pauses the process of a service while `work` runs. */
async function whilePaused(name: ServiceName, work: () => Promise<void>): Promise<void> {
  const paused = system.cluster?.service(name);
  paused?.signal('SIGSTOP');
  try {
    await work();
  } finally {
    paused?.signal('SIGCONT');
  }
}

describe('a namespace that floods while nothing is indexed', () => {
  test('is refused while another writes on, and both are found once indexing goes on', async () => {
    const [flooding, other] = [newClient(), newClient()];
    embedder.set('unavailable');
    await flood(flooding);
    const { status } = await other.put('mine', { payload: { text: 'a quiet word' } });
    expect([201, 202]).toContain(status);

    // What it has stays to be read, and leaves when asked to.
    expect((await flooding.get('m1')).status).toBe(200);
    await untilDeletionIsRefused(flooding);
    expect((await flooding.delete('m1', '?erase=true')).status).toBe(200);

    embedder.set('sound');
    const mine = { query: 'quiet word', mode: 'keyword' };
    await until("the other's memory to be found", PATIENCE_MS, async () => {
      return coordsOf(await other.search(mine)).includes('mine');
    });
    await until('the flood to be let in again', PATIENCE_MS, async () => {
      return (await flooding.put('late', { payload: { text: 'late' } })).status === 201;
    });
  });

  test('is told of in metrics without its name', async () => {
    const flooding = newClient();
    embedder.set('unavailable');
    await flood(flooding);
    const { text } = await flooding.call('GET', '/metrics', { headers: { Authorization: null } });
    expect(Number(/^soma_gateway_backlog\{[^}]*\} (\d+)/m.exec(text)?.[1])).toBeGreaterThan(MAX_BACKLOG);
    expect(Number(/^soma_gateway_backlog_refused_total\{[^}]*\} (\d+)/m.exec(text)?.[1])).toBeGreaterThan(0);
    expect(text).not.toContain(flooding.namespace);
  });
});

describe('a search with the token of a write that is not indexed', () => {
  test('is not_yet_consistent, never stale', async () => {
    const client = newClient();
    embedder.set('unavailable');
    const written = await client.put('m', { payload: { text: 'unseen' } });
    const headers = { 'Soma-Consistency-Token': tokenOf(written), Prefer: 'wait=1' };
    const early = await client.search({ query: 'unseen', mode: 'keyword' }, headers);
    expectProblem(early, 503, 'not_yet_consistent');
    expect(early.headers.get('retry-after')).toBeTruthy();
    embedder.set('sound');
    const later = await until('the search to see it', PATIENCE_MS, async () => {
      const answer = await client.search({ query: 'unseen', mode: 'keyword' }, headers);
      return answer.status === 200 ? answer : undefined;
    });
    expect(coordsOf(later)).toEqual(['m']);
  });
});

describe('more requests under way than allowed', () => {
  test('are refused at once, while public routes answer', async () => {
    const client = newClient();
    embedder.set('unavailable');
    const answers: Answer<unknown>[] = [];
    // Those let in wait for the index.
    const options = { query: '?until=indexed', headers: { Prefer: 'wait=30' } };
    const sent = Array.from({ length: 2 * MAX_IN_FLIGHT }, async (_, n) => {
      answers.push(await client.put(`m${n}`, { payload: { text: 'held' } }, options));
    });
    await until('all beyond the limit to be answered', PATIENCE_MS, () => answers.length >= MAX_IN_FLIGHT);
    for (const refused of answers.slice(0, MAX_IN_FLIGHT)) {
      expectOverloaded(refused);
      expect(refused.text).toContain('under way');
    }
    const open = await client.call('GET', '/healthz', { headers: { Authorization: null } });
    expect(open.status).toBe(200);

    embedder.set('sound');
    await Promise.all(sent);
    for (const held of answers.slice(MAX_IN_FLIGHT)) expect([201, 202]).toContain(held.status);
    // A request is over for the service a moment after its answer has come.
    await until('a write to be let in again', PATIENCE_MS, async () => {
      return (await client.put('after', { payload: {} })).status < 300;
    });
  });
});

describe('a request that does not arrive whole', () => {
  test('is 408 once its time is over', async () => {
    const { hostname, port, host } = new URL(system.target.url);
    const socket = connect(Number(port), hostname);
    const head = [
      'PUT /memories/m HTTP/1.1',
      `Host: ${host}`,
      `Authorization: Bearer ${system.target.token}`,
      'Content-Type: application/json',
      'Content-Length: 100',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{"payload": `);
    const answer = await readText(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  });
});

(profile() === 'cluster' ? describe : describe.skip)('a part of the cluster that stands still', () => {
  test('the writer: reads with a token of what it has not written are not_yet_consistent', async () => {
    const client = newClient();
    await whilePaused('writer', async () => {
      const written = await client.put('m', { payload: { n: 1 } }, { query: '?until=accepted' });
      expect(written.status).toBe(202);
      const headers = { 'Soma-Consistency-Token': tokenOf(written), Prefer: 'wait=1' };
      const early = await client.get('m', headers);
      expectProblem(early, 503, 'not_yet_consistent');
      expect((await client.get('m')).status).toBe(404);
    });
    const token = tokenOf(await client.put('m', { payload: { n: 2 } }, { query: '?until=accepted' }));
    const later = await until('the writer to go on', PATIENCE_MS, async () => {
      const answer = await client.get('m', { 'Soma-Consistency-Token': token, Prefer: 'wait=5' });
      return answer.status === 200 ? answer : undefined;
    });
    expect(later.body.memory).toMatchObject({ version: 2, payload: { n: 2 } });
  });

  test('the writer: a namespace whose commands pile up is refused, another is not', async () => {
    const [flooding, other] = [newClient(), newClient()];
    const accepted = { query: '?until=accepted' };
    await whilePaused('writer', async () => {
      let n = 0;
      const refused = await until('the flood to be refused', PATIENCE_MS, async () => {
        n += 1;
        const answer = await flooding.put(`m${n}`, { payload: {} }, accepted);
        return answer.status === 503 ? answer : undefined;
      });
      expectOverloaded(refused);
      expect((await other.put('m', { payload: {} }, accepted)).status).toBe(202);
    });
    await until('the writer to go on', PATIENCE_MS, async () => (await other.get('m')).status === 200);
    await until('the flood to be let in again', PATIENCE_MS, async () => {
      return (await flooding.put('late', { payload: {} })).status === 201;
    });
  });

  test('the query service: a read that takes too long is 504', async () => {
    const client = newClient();
    await client.put('m', { payload: {} });
    await whilePaused('query', async () => {
      expectProblem(await client.get('m'), 504, 'deadline_exceeded');
    });
    await until('reads to go on', PATIENCE_MS, async () => (await client.get('m')).status === 200);
  });
});
