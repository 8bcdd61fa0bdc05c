import type { JsonObject } from '@soma/memory';
import type { Random } from '../random.js';
import type { Place } from '../history/keyspace.js';

const TOPICS = ['tea', 'rivers', 'kestrels', 'copper', 'winter', 'letters'];
const FIELDS = ['f0', 'f1', 'f2', 'f3'];

/** Bytes of filling that keep a memory just below the 256 KiB that a payload may have. */
const LARGEST_FILLING = 250 * 1024;

/** The one word that only memories made by this command have. */
export function wordOf(n: number): string {
  return `cmd${n}x`;
}

/** A word that every state of a memory has. */
export function topicOf(random: Random): string {
  return random.pick(TOPICS);
}

export interface ContentOptions {
  n: number;
  place: Place;
  random: Random;
  /** May the memory get a time to live? */
  expiry: boolean;
  largest: boolean;
}

/** Body of a put. */
export function putBody(options: ContentOptions): JsonObject {
  const { n, place, random, expiry } = options;
  const given = random.next() < 0.1;
  const payload: JsonObject = { ...markersOf(options), ...fieldsOf(random) };
  if (!given || random.next() < 0.5) payload['text'] = textOf(n, random);
  if (options.largest) payload['filling'] = fillingOf(n);
  return {
    payload,
    ...(given ? { text: `${textOf(n, random)} given` } : {}),
    ...(random.next() < 0.3 ? { memory_type: random.pick(['episodic', 'semantic']) } : {}),
    ...(random.next() < 0.3 ? { tags: random.shuffled(['t1', 't2', 't3']).slice(0, 2) } : {}),
    ...(random.next() < 0.3 ? { user_id: `user-${place.key}` } : {}),
    ...(random.next() < 0.2 ? { importance: random.pick([0, 0.25, 1]) } : {}),
    ...(expiry && random.next() < 0.04 ? { ttl_seconds: random.whole(2, 20) } : {}),
  };
}

/** Merge patch of a patch. */
export function patchBody(options: ContentOptions): JsonObject {
  const { n, random } = options;
  const payload: JsonObject = { ...markersOf(options) };
  if (random.next() < 0.5) payload['text'] = textOf(n, random);
  for (const field of FIELDS) {
    const chance = random.next();
    if (chance < 0.2) payload[field] = null;
    else if (chance < 0.4) payload[field] = { [`k${random.whole(0, 3)}`]: chance < 0.3 ? null : n };
    else if (chance < 0.5) payload[field] = n;
  }
  return {
    payload,
    ...(random.next() < 0.1 ? { tags: random.next() < 0.5 ? null : ['patched'] } : {}),
    ...(random.next() < 0.1 ? { importance: random.next() < 0.5 ? null : 0.75 } : {}),
    ...(random.next() < 0.05 ? { text: null } : {}),
  };
}

function markersOf({ n, place }: ContentOptions): JsonObject {
  return { marker: n, marker_namespace: place.namespace };
}

function textOf(n: number, random: Random): string {
  return `${wordOf(n)} about ${topicOf(random)} and ${topicOf(random)}`;
}

function fieldsOf(random: Random): JsonObject {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const chance = random.next();
      if (chance < 0.4) return [];
      return [
        [field, chance < 0.7 ? random.whole(0, 99) : { k0: random.whole(0, 9), k1: null, k2: ['x', 1] }],
      ];
    }),
  );
}

/** Numbers only: nothing of it is embedded. */
function fillingOf(n: number): number[] {
  return Array.from(
    { length: Math.floor(LARGEST_FILLING / 8) },
    (_, index) => 1_000_000 + ((n + index) % 1000),
  );
}
