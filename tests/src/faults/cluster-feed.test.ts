import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Client } from '../acceptance/client.js';
import { EventReader } from '../acceptance/event-reader.js';
import { Receiver } from '../acceptance/receiver.js';
import { startCluster, startGateway, until, untilReady, type Cluster } from '../system/index.js';

const RESTARTS = 20;
const DEATHS = 3;
const MEMORIES = 200;

jest.setTimeout(300_000);

let cluster: Cluster;
/** Where the writes go, so that they go on while the other gateway is gone. */
let other: Awaited<ReturnType<typeof startGateway>>;
beforeAll(async () => {
  const env = { SOMA_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', SOMA_WEBHOOK_RETRY_MS: '50' };
  cluster = await startCluster({ env });
  other = await startGateway(cluster.settings);
  await untilReady(other.process, other.opsUrl);
});
afterAll(async () => {
  await other.process.stop();
  await cluster.stop();
});

/** Writes over and over to some memories, to none so often that the history lets versions go; what a reader should hear. */
function load(namespace: string) {
  const client = new Client({ namespace, target: { url: other.apiUrl, token: cluster.token } });
  const stored: string[] = [];
  const ending = new AbortController();
  const writing = (async () => {
    for (let n = 0; !ending.signal.aborted; n += 1) {
      const coord = `m${n % MEMORIES}`;
      const { status, body } = await client.put(coord, { payload: { n } });
      if (status !== 200 && status !== 201) throw new Error(`a write was answered with ${status}`);
      stored.push(`${coord}@${body.version}`);
    }
  })();
  return {
    stored,
    stop: async () => {
      ending.abort();
      await writing;
    },
  };
}

/** Each memory's versions come one after the other. */
function inOrder(told: readonly string[]): boolean {
  const last = new Map<string, number>();
  return told.every((one) => {
    const [coord = '', version] = one.split('@');
    const before = last.get(coord) ?? 0;
    last.set(coord, Number(version));
    return Number(version) === before + 1;
  });
}

test(`a reader of the feed misses and repeats nothing while its gateway ends ${RESTARTS} times`, async () => {
  const { namespace } = new Client({ target: cluster });
  const seen: string[] = [];
  let reader = await EventReader.open(namespace, '', {}, cluster);
  const ending = new AbortController();
  let opened = 0;
  const reading = (async () => {
    while (!ending.signal.aborted) {
      try {
        const [event] = await reader.take(1);
        // Why a stream ends is an event too.
        if (event?.event.startsWith('memory.') === true)
          seen.push(`${event.data.coord}@${event.data.version}`);
      } catch {
        const resume = { 'Last-Event-ID': reader.lastId };
        const again = await EventReader.open(namespace, '', resume, cluster).catch(() => undefined);
        if (again === undefined) continue;
        reader = again;
        opened += 1;
      }
    }
  })();
  const writes = load(namespace);
  for (let n = 0; n < RESTARTS; n += 1) {
    const before = seen.length;
    await until('more events', 60_000, () => seen.length > before + 5);
    const gateway = cluster.service('gateway');
    await (n % 2 === 0 ? gateway.kill() : gateway.stop());
    cluster.restart('gateway');
    await untilReady(cluster.service('gateway'), cluster.opsUrls['gateway'] ?? '');
    await until('the reader to be back', 60_000, () => opened > n);
  }
  await writes.stop();
  await until('every write to be told', 60_000, () => new Set(seen).size >= writes.stored.length);
  ending.abort();
  await reader.close();
  await reading;
  expect(seen.toSorted()).toEqual(writes.stored.toSorted());
  expect(inOrder(seen)).toBe(true);
});

test(`a receiver is told of everything, in order, while what tells it is killed ${DEATHS} times`, async () => {
  const client = new Client({ target: cluster });
  const receiver = await Receiver.start();
  const { status } = await client.call('POST', '/webhooks', { json: { url: receiver.url } });
  expect(status).toBe(201);
  const writes = load(client.namespace);
  for (let n = 0; n < DEATHS; n += 1) {
    const before = receiver.all.length;
    await until('more messages', 60_000, () => receiver.all.length > before + 20);
    await cluster.service('webhooks').kill();
    cluster.restart('webhooks');
  }
  await writes.stop();
  const told = () => receiver.all.map(({ data }) => `${data.coord}@${data.version}`);
  await until('every write to be told', 90_000, () => new Set(told()).size >= writes.stored.length).catch(
    async (cause: unknown) => {
      const { text } = await client.call('GET', '/webhooks');
      const missing = writes.stored.filter((one) => !told().includes(one));
      throw new Error(
        `${missing.length} of ${writes.stored.length} were not told: ${missing.slice(0, 20).join(', ')}\n${text}`,
        {
          cause,
        },
      );
    },
  );
  expect([...new Set(told())].toSorted()).toEqual(writes.stored.toSorted());
  const firsts = [...new Set(told().filter((one) => one.startsWith('m3@')))].map((one) =>
    Number(one.slice(3)),
  );
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  await receiver.stop();
});
