import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareComponents, coordinateNumbers, parseCoordinate, RESERVED_COORDS } from './coordinate.js';

const keyOf = (coord: string) => parseCoordinate(coord)?.key;

describe('a numeric coordinate', () => {
  test.each([
    ['42.0,17.0', '42,17'],
    ['42,17', '42,17'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['0.50', '0.5'],
    ['-0.5', '-0.5'],
    ['10', '10'],
    ['100.100', '100.1'],
    ['123456789012345', '123456789012345'],
    ['0.123456789012345', '0.123456789012345'],
    ['0.00000000000000000000123', '0.00000000000000000000123'],
    ['1.5000000000000000000000', '1.5'],
    [Array(64).fill('1').join(','), Array(64).fill('1').join(',')],
  ])('%s has the key %s', (coord, key) => {
    expect(parseCoordinate(coord)).toMatchObject({ kind: 'numeric', coord, key });
  });

  test('has its components as numbers', () => {
    expect(coordinateNumbers('42,-17.5')).toEqual([42, -17.5]);
    expect(coordinateNumbers('a-name')).toBeNull();
  });

  test.each([
    ['0', '0', 0],
    ['-1', '1', -1],
    ['10', '9', 1],
    ['0.15', '0.2', -1],
    ['-0.5', '-0.25', -1],
    ['-0.5', '0', -1],
    ['1.5', '1', 1],
    [`0.${'0'.repeat(400)}1`, `0.${'0'.repeat(400)}2`, -1],
    ['999999999999999', '999999999999998.9', 1],
  ])('%s compares with %s as decimals: %d', (a, b, order) => {
    expect(compareComponents(a, b)).toBe(order);
    expect(compareComponents(b, a)).toBe(-order + 0);
  });

  const digits = fc.stringMatching(/^[0-9]{0,6}$/);
  const component = fc
    .tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 999_999 }), digits)
    .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`);
  const numeric = fc.array(component, { minLength: 1, maxLength: 64 });

  test('has a key that is its own key and says the same numbers', () => {
    fc.assert(
      fc.property(numeric, (components) => {
        const key = keyOf(components.join(',')) ?? '';
        expect(keyOf(key)).toBe(key);
        // Adding 0 makes -0 a 0.
        expect(coordinateNumbers(key)).toEqual(components.map((text) => Number(text) + 0));
      }),
    );
  });

  test('shares its key exactly with the spellings of the same numbers', () => {
    fc.assert(
      fc.property(component, component, fc.nat(3), (a, b, zeros) => {
        const padded = `${a}${a.includes('.') ? '' : '.0'}${'0'.repeat(zeros)}`;
        expect(keyOf(padded)).toBe(keyOf(a));
        expect(keyOf(a) === keyOf(b)).toBe(Number(a) === Number(b));
      }),
    );
  });
});

describe('a name', () => {
  test.each([
    '1e3',
    '+1',
    '007',
    '1234567890123456',
    '42.',
    '-',
    '--1',
    '1.2.3',
    'Case',
    'a.b_c:d~e@f+g-h',
    'x'.repeat(200),
    'deleted',
  ])('%s is its own key', (coord) => {
    expect(parseCoordinate(coord)).toEqual({ kind: 'name', coord, key: coord });
  });

  test('counts case', () => {
    expect(keyOf('A')).not.toBe(keyOf('a'));
  });
});

test.each([
  ['nothing', ''],
  ['a bad component', '1,x'],
  ['a name among components', '1,007'],
  ['an empty component', '1,,2'],
  ['a comma at the end', '1,'],
  ['only a comma', ','],
  ['16 digits among components', '1,1234567890123456'],
  ['65 components', Array(65).fill('1').join(',')],
  ['a dot at the beginning', '.hidden'],
  ['a space', 'a b'],
  ['a space in a component', '1, 2'],
  ['a slash', 'a/b'],
  ['a letter beyond ASCII', 'é'],
  ['U+0000', 'a\0'],
  ['a line feed at the end', 'a\n'],
  ['a number and a line feed', '1\n'],
  ['201 characters', 'x'.repeat(201)],
  ['1,001 characters', `0.${'0'.repeat(998)}1`],
  ...[...RESERVED_COORDS].map((word) => ['a reserved word', word] as const),
])('%s is no coord: %j', (_, coord) => {
  expect(parseCoordinate(coord)).toBeUndefined();
});

test('no text is both, and no two kinds share a key', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('0', '1', '9', '.', ',', '-', 'a', 'e', '+', ':'), maxLength: 12 }),
      (text) => {
        const parsed = parseCoordinate(text);
        if (parsed === undefined) return;
        expect(parseCoordinate(parsed.key)).toMatchObject({ kind: parsed.kind, key: parsed.key });
      },
    ),
  );
});
