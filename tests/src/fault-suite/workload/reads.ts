import type { JsonValue } from '@soma/memory';
import { digestOf } from '../stable-json.js';
import type { Asked, History, Numbers, Read, Seen } from '../history/history.js';
import type { Place } from '../history/keyspace.js';
import type { Random } from '../random.js';
import {
  codeOf,
  isRecord,
  send,
  textIn,
  type HttpAnswer,
  type HttpRequest,
  type HttpTarget,
} from './http-client.js';
import { topicOf, wordOf } from './content.js';
import type { KnownToken, Session } from './session.js';
import { revisionOf } from './writes.js';

export interface Reading {
  target: HttpTarget;
  history: History;
  session: Session;
  numbers: Numbers;
  random: Random;
  /** Sent along; undefined: a read without a token. */
  token: KnownToken | undefined;
}

export async function readOne(place: Place, reading: Reading): Promise<void> {
  const coord = reading.random.pick(place.spellings);
  const path = `/memories/${encodeURIComponent(coord)}`;
  await ask(
    { kind: 'get', namespace: place.namespace, request: get(path, place.namespace) },
    reading,
    (answer) => {
      if (answer.status === 404) return { seen: [], absent: [place.key] };
      const memory = isRecord(answer.body) ? answer.body['memory'] : null;
      const seen = seenOf(memory, reading.history, revisionOf(answer));
      const [state] = seen;
      if (state !== undefined) {
        reading.session.keepVersion(place.namespace, place.key, state.version, answer.headers.get('etag'));
      }
      return { seen, absent: [] };
    },
  );
}

export async function readMany(places: readonly Place[], reading: Reading): Promise<void> {
  const namespace = places[0]?.namespace ?? '';
  const coords = places.map(({ spellings }) => reading.random.pick(spellings));
  const request = post('/memories/get', namespace, { coords });
  await ask({ kind: 'get-many', namespace, request }, reading, (answer) => {
    const memories = listIn(answer, 'memories');
    return {
      seen: memories.flatMap((memory) => seenOf(memory, reading.history, null)),
      absent: places.flatMap(({ key }, index) => (memories[index] === null ? [key] : [])),
    };
  });
}

/** For what a token covers where there is something, by the one word that only that has; else by a common word. */
export async function search(namespace: string, reading: Reading): Promise<void> {
  const { random, token, history } = reading;
  const sought = token === undefined ? undefined : soughtOf(token);
  const query = sought === undefined ? topicOf(random) : wordOf(sought.n);
  const mode = sought === undefined ? random.pick(['hybrid', 'keyword', 'dense']) : 'keyword';
  const request = post('/memories/search', namespace, { query, mode, top_k: 5 });
  await ask({ kind: 'search', namespace, request, sought }, reading, (answer) => ({
    seen: listIn(answer, 'memories').flatMap((memory) => seenOf(memory, history, null)),
    absent: [],
  }));
}

/** The newest put that has the word in its text for sure. */
function soughtOf({ covers }: KnownToken): Asked | undefined {
  return covers.findLast(({ type, told }) => type === 'put' && told.outcome === 'done');
}

export async function walk(place: Place, reading: Reading): Promise<void> {
  const query = new URLSearchParams({ coord: place.key, direction: 'both', depth: '2', limit: '10' });
  const request = get(`/graph/neighbors?${query.toString()}`, place.namespace);
  await ask({ kind: 'neighbors', namespace: place.namespace, request }, reading, (answer) => ({
    seen: listIn(answer, 'nodes').flatMap((node) => seenOf(node, reading.history, null)),
    absent: [],
  }));
}

interface Question {
  kind: Read['kind'];
  namespace: string;
  request: HttpRequest;
  sought?: Asked | undefined;
}

async function ask(
  { kind, namespace, request, sought }: Question,
  { target, history, numbers, session, token }: Reading,
  understand: (answer: HttpAnswer) => Pick<Read, 'seen' | 'absent'>,
): Promise<void> {
  const started = performance.now();
  const headers = token === undefined ? {} : { 'Soma-Consistency-Token': token.text, Prefer: 'wait=10' };
  const answer = await send(target, { ...request, headers });
  const ended = performance.now();
  const failed = answer === undefined || (answer.status !== 200 && answer.status !== 404);
  history.count(
    `${kind} ${answer === undefined ? 'no answer' : failed ? `${answer.status} ${codeOf(answer)}` : answer.status}`,
  );
  if (answer !== undefined && codeOf(answer) === 'invalid_consistency_token') session.dropToken(namespace);
  if (failed) return;
  history.reads.push({
    n: numbers.next(),
    kind,
    namespace,
    started,
    ended,
    covered: token?.covers ?? [],
    ...understand(answer),
    ...(sought === undefined ? {} : { sought }),
  });
}

function get(path: string, namespace: string): HttpRequest {
  return { method: 'GET', path, namespace };
}

function post(path: string, namespace: string, body: JsonValue): HttpRequest {
  return { method: 'POST', path, namespace, body: JSON.stringify(body) };
}

function listIn({ body }: HttpAnswer, field: string): JsonValue[] {
  const list = isRecord(body) ? body[field] : undefined;
  return Array.isArray(list) ? list : [];
}

function seenOf(memory: JsonValue | undefined, { keyspace }: History, revision: number | null): Seen[] {
  if (!isRecord(memory)) return [];
  const payload = isRecord(memory['payload']) ? memory['payload'] : {};
  const { marker, marker_namespace } = payload;
  return [
    {
      namespace: textIn(memory['namespace']),
      key: keyspace.keyOf(textIn(memory['coord'])),
      version: Number(memory['version']),
      revision,
      marker: typeof marker === 'number' ? marker : null,
      marker_namespace: typeof marker_namespace === 'string' ? marker_namespace : null,
      digest: digestOf(payload),
    },
  ];
}
