import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseCoordinate } from '@soma/memory';
import { murmur2, partitionOf } from './murmur2.js';
import { recordKey } from './topics.js';

const file = new URL('../../../schemas/vectors.json', import.meta.url);
const examples = new URL('../../../schemas/examples/', import.meta.url);
const PARTITIONS = 24;

const CASES: [namespace: string, coord: string][] = [
  ['default', '42.0,17.0'],
  ['default', '42,17'],
  ['default', '42'],
  ['default', '-1.50,-0'],
  ['default', '-0.000'],
  ['default', '0.000'],
  ['default', '0.00000000000000000000123'],
  ['default', '123456789012345.0'],
  ['default', '1234567890123456'],
  ['default', '007'],
  ['default', '+1'],
  ['default', '1e3'],
  ['default', '42.'],
  ['default', 'user:1'],
  ['team.a_b-c', 'notes~2024@home'],
  ['team.a_b-c', '1,2,3,4.50,-5.0600'],
];

function vectors(): object[] {
  return CASES.map(([namespace, coord]) => {
    const canonical = parseCoordinate(coord)?.key;
    if (canonical === undefined) throw new Error(`${coord} is no coord`);
    const key = recordKey(namespace, canonical);
    const hash = murmur2(Buffer.from(key));
    return { namespace, coord, canonical, key, murmur2: hash, partition_of_24: partitionOf(key, PARTITIONS) };
  });
}

test('schemas/vectors.json holds what the services do (SOMA_WRITE_DOCS=1 writes it)', () => {
  if (process.env['SOMA_WRITE_DOCS'] === '1') writeFileSync(file, `${JSON.stringify(vectors(), null, 2)}\n`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(vectors());
});

test('the Python example makes the same keys', () => {
  const program = [
    'import json, sys',
    'from memory_key import memory_key',
    'print(json.dumps([memory_key(v["namespace"], v["coord"]) for v in json.load(open(sys.argv[1]))]))',
  ].join('\n');
  let output: string;
  try {
    output = execFileSync('python3', ['-B', '-c', program, file.pathname], {
      cwd: examples,
      encoding: 'utf8',
    });
  } catch (error) {
    const required = (process.env['SOMA_TEST_REQUIRE'] ?? '').split(',').includes('python');
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !required) return;
    throw error;
  }
  expect(JSON.parse(output)).toEqual(vectors().map((vector) => ('key' in vector ? vector.key : undefined)));
});
