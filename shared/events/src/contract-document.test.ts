import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseCoordinate } from '@soma/memory';
import { createCodec } from './codec.js';
import { createCommittedIds } from './committed-ids/index.js';
import { HEADERS } from './headers.js';
import { murmur2, partitionOf } from './murmur2.js';
import { RECORD_NAMES, TOPIC_OF } from './record-names.js';
import { recordKey, TOPICS } from './topics.js';

const readme = readFileSync(new URL('../../../schemas/README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => text);
const vectors = [...readme.matchAll(/^\| `(\S+)` +\| `(\S+)` +\| `(\S+\/\S+)` +\| +(-?\d+) \| +(\d+) \|$/gm)];

describe('schemas/README.md', () => {
  test('shows records that are accepted', async () => {
    const codec = createCodec({ ids: createCommittedIds() });
    const headers = { 'content-type': 'application/json' };
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const text of examples) {
      const record = { topic: TOPICS.memoryCommands, key: null, value: Buffer.from(text), headers };
      expect(await codec.decode(record)).toMatchObject({ namespace: 'default', coord: '42,17' });
    }
  });

  test('shows keys and partitions as they are', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(5);
    for (const [, namespace = '', coord = '', key = '', hash, partition] of vectors) {
      expect(recordKey(namespace, parseCoordinate(coord)?.key ?? '')).toBe(key);
      expect(murmur2(Buffer.from(key))).toBe(Number(hash));
      expect(partitionOf(key, 24)).toBe(Number(partition));
    }
  });

  test('names every topic, record and header', () => {
    for (const name of [...Object.values(TOPICS), ...RECORD_NAMES, ...Object.values(HEADERS)]) {
      expect(readme).toContain(`\`${name}\``);
    }
    for (const name of RECORD_NAMES) {
      const row = readme.split('\n').find((line) => line.startsWith(`| \`${TOPIC_OF[name]}\``));
      expect(row).toContain(`\`${name}\``);
    }
  });
});
