import { createHash } from 'node:crypto';
import { HEADERS, recordKey, TOPICS } from '@soma/events';
import { seededUuid, type Poison } from '../history/history.js';
import type { Place } from '../history/keyspace.js';
import type { Random } from '../random.js';
import type { RawRecord } from './raw-records.js';

/** The header by which a dead letter is known as one of these. */
export const POISON_HEADER = 'poison';

interface Recipe {
  kind: string;
  codes: readonly string[];
  make(
    place: Place,
    id: string,
    random: Random,
  ): { value: Buffer | string; headers?: Record<string, string> };
}

const JSON_STORE = { [HEADERS.contentType]: 'application/json', [HEADERS.recordType]: 'StoreMemory' };

const store = (command: object) => ({
  value: JSON.stringify({ type: 'StoreMemory', ...command }),
  headers: JSON_STORE,
});

const RECIPES: readonly Recipe[] = [
  {
    kind: 'random bytes',
    codes: ['undecodable_record'],
    make: (_, id) => ({ value: Buffer.concat([Buffer.from([0x7f, 0x00, 0xff, 0xfe]), Buffer.from(id)]) }),
  },
  {
    kind: 'unknown schema id',
    codes: ['unknown_schema'],
    make: (_, id) => ({ value: Buffer.concat([Buffer.from([0, 0x3b, 0x9a, 0xc9, 0xff]), Buffer.from(id)]) }),
  },
  {
    kind: 'schema mismatch',
    codes: ['schema_mismatch'],
    make: ({ namespace }, id) => store({ command_id: id, namespace, payload: {} }),
  },
  {
    kind: 'JSON cut off',
    codes: ['undecodable_record'],
    make: (_, id) => ({
      value: `{"type": "StoreMemory", "command_id": "${id}", "namesp`,
      headers: JSON_STORE,
    }),
  },
  {
    kind: 'bad coord',
    codes: ['invalid_coord'],
    make: ({ namespace }, id) => store({ command_id: id, namespace, coord: 'not a coord', payload: {} }),
  },
  {
    kind: 'oversize payload',
    codes: ['payload_too_large'],
    make: ({ namespace, key }, id) =>
      store({ command_id: id, namespace, coord: key, payload: { filling: 'x'.repeat(300 * 1024) } }),
  },
  {
    kind: 'wrong namespace',
    codes: ['invalid_request'],
    make: ({ key }, id) => store({ command_id: id, namespace: 'Not A Namespace', coord: key, payload: {} }),
  },
];

/** A record that the writer has to refuse for good, and what it has to say of it. */
export function poisonFor(place: Place, random: Random): { poison: Poison; record: RawRecord } {
  const recipe = random.pick(RECIPES);
  const id = seededUuid(random);
  const made = recipe.make(place, id, random);
  const value = Buffer.from(made.value);
  return {
    poison: {
      id,
      kind: recipe.kind,
      topic: TOPICS.memoryCommands,
      value_hash: hashOf(value),
      command_id: id,
      produced: null,
      codes: recipe.codes,
    },
    record: {
      topic: TOPICS.memoryCommands,
      key: recordKey(place.namespace, place.key),
      value,
      headers: { ...made.headers, [POISON_HEADER]: id },
    },
  };
}

export function hashOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}
