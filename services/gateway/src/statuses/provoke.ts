import { SomaError } from '@soma/memory';
import type { Called, RunningGateway } from '../test/running-gateway.js';
import { newToken } from '../test/new-token.js';
import { sendExample, type ExampleRequest } from './example-requests.js';

export interface Scene {
  running: RunningGateway;
  example: ExampleRequest;
}

type Provocation = (scene: Scene) => Promise<Called>;

/** Ends a job as its service would, once it was asked for. */
async function whileJob(
  { running, example }: Scene,
  end: Parameters<RunningGateway['jobs']['end']>[0],
): Promise<Called> {
  const before = running.jobs.all.length;
  const answer = sendExample(running, example);
  while (running.jobs.all.length === before) await new Promise(setImmediate);
  running.jobs.end(end);
  return answer;
}

/** What is behind every route fails so. */
function failing({ running, example }: Scene, error: Error): Promise<Called> {
  running.limiter.failure = error;
  return sendExample(running, example);
}

/** Ways to each status that serve for any route. */
export const PROVOCATIONS: Record<number, Provocation> = {
  200: ({ running, example }) => sendExample(running, example),
  201: ({ running, example }) => sendExample(running, example),
  202: ({ running, example }) => {
    running.workers.paused = true;
    return sendExample(running, example, { headers: { prefer: 'respond-async' } });
  },
  400: ({ running, example }) => sendExample(running, example, { headers: { 'soma-no-such-header': '1' } }),
  401: ({ running, example }) => sendExample(running, example, { anonymous: true }),
  403: async ({ running, example }) => {
    const { secret } = await newToken(running, { role: 'reader' });
    return sendExample(running, example, { token: secret, headers: { 'soma-namespace': 'other' } });
  },
  404: ({ running, example }) =>
    sendExample(running, {
      ...example,
      target: example.target.replace(LAST_ID, '/00000000-0000-4000-8000-000000000000$2'),
    }),
  406: ({ running, example }) => sendExample(running, example, { headers: { accept: 'image/png' } }),
  412: ({ running, example }) => sendExample(running, example, { headers: { 'if-match': '"77"' } }),
  413: ({ running, example }) => sendExample(running, example, { body: ' '.repeat(20_000_000) }),
  414: ({ running, example }) => sendExample(running, example, { query: `filler=${'x'.repeat(2_000)}` }),
  415: ({ running, example }) => sendExample(running, example, { headers: { 'content-type': 'text/plain' } }),
  422: async ({ running, example }) => {
    const headers = { 'idempotency-key': 'once', prefer: 'respond-async' };
    await sendExample(running, example, { headers });
    return sendExample(running, example, { headers: { 'idempotency-key': 'once' }, query: 'until=stored' });
  },
  429: ({ running, example }) => {
    running.limiter.exhausted = true;
    return sendExample(running, example);
  },
  431: ({ running, example }) =>
    sendExample(running, example, { headers: { 'x-filler': 'x'.repeat(9_000) } }),
  500: (scene) => failing(scene, new TypeError('a bug')),
  503: (scene) => failing(scene, new SomaError('shutting_down', 'try another')),
  504: (scene) => failing(scene, new SomaError('deadline_exceeded', 'no answer in time')),
};

/** The last part of a path that is an id, and what follows it. */
const LAST_ID = /\/([0-9a-f-]{36}|\d+)(\/[\w/]+)?$/;

const reading =
  (error: SomaError): Provocation =>
  ({ running, example }) => {
    running.reads.failure = error;
    return sendExample(running, example);
  };

const at =
  (target: string): Provocation =>
  ({ running, example }) =>
    sendExample(running, { ...example, target });

const twice: Provocation = async ({ running, example }) => {
  await sendExample(running, example);
  return sendExample(running, example);
};

/** Where a route has its own way to a status. */
export const OWN_PROVOCATIONS: Record<string, Record<number, Provocation>> = {
  storeMemory: { 200: twice },
  replaceMemory: { 200: twice },
  patchMemory: { 404: at('/memories/none') },
  getMemory: {
    304: ({ running, example }) => sendExample(running, example, { headers: { 'if-none-match': '*' } }),
    404: at('/memories/none'),
    410: at('/memories/a?as_of=1970-01-01T00:00:00Z'),
  },
  listMemories: { 410: reading(new SomaError('cursor_expired', 'too much has changed')) },
  getMemoryHistory: { 404: at('/memories/none/history') },
  followEvents: { 410: reading(new SomaError('cursor_expired', 'it is no longer kept')) },
  getPath: { 404: at('/graph/path?from_coord=a&to_coord=none') },
  getRetention: { 404: at('/admin/retention/none') },
  deleteMemories: {
    200: (scene) =>
      whileJob(scene, {
        total: 1,
        done: 1,
        result: { matched: 1, deleted: 1, spared: 0, generation: 1, positions: {} },
      }),
    409: (scene) =>
      whileJob(scene, { state: 'failed', error: { code: 'too_many_matched', detail: 'more than allowed' } }),
  },
  linkMemories: {
    200: twice,
    404: async ({ running, example }) => {
      const { secret } = await newToken(running, { namespaces: ['default'], user_id: 'ada' });
      return sendExample(running, example, { token: secret });
    },
  },
  redriveDeadLetter: {
    409: twice,
    412: ({ running, example }) => {
      const [letter] = running.workers.letters;
      if (letter !== undefined) letter.position = 0;
      return sendExample(running, example);
    },
  },
  discardDeadLetter: { 409: twice },
  getReadiness: {
    503: ({ running, example }) => {
      running.workers.down = true;
      return sendExample(running, example);
    },
  },
};
