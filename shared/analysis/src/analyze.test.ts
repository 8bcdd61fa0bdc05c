import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyze, documentVector, queryVector } from './index.js';
import { termId } from './term-id.js';

describe('analyze', () => {
  test.each<[string, string, string[]]>([
    [
      'stems English words and drops stop words',
      'The dogs were running to the databases',
      ['dog', 'run', 'databas'],
    ],
    ['folds case, width and diacritics', 'CAFÉ ｃａｆé Straße Łódź', ['cafe', 'cafe', 'strass', 'lodz']],
    ['composed and decomposed letters are one', 'e\u0301clair éclair', ['eclair', 'eclair']],
    ['keeps numbers whole', '3.14 1,000 1,000.50 007', ['3.14', '1000', '1000.50', '007']],
    ['keeps versions and addresses whole', 'v1.2.3 10.0.0.1', ['v1.2.3', '10.0.0.1']],
    ['keeps codes whole and in parts', 'ERR_1234', ['err_1234', 'err', '1234']],
    ['keeps identifiers whole and in parts', 'user_name', ['user_name', 'user', 'name']],
    ['finds days and their years', '2024-01-15', ['2024-01-15', '2024', '01', '15']],
    ['finds e-mails with and without the hyphen', 'e-mails', ['email', 'e', 'mail']],
    ['keeps addresses of people', 'ann@example.org', ['ann@example.org', 'ann', 'exampl', 'org']],
    ['knows c++ and c#', 'C++ C#', ['c++', 'c', 'c#', 'c']],
    ['keeps emoji, whatever their skin', '👍🏽 👍 ❤️', ['👍', '👍', '❤']],
    ['keeps joined emoji whole and in parts', '👩‍💻', ['👩‍💻', '👩', '💻']],
    ['keeps flags', '🇩🇪', ['🇩🇪']],
    ['takes characters and pairs of Chinese', '東京都', ['東', '京', '東京', '都', '京都']],
    ['takes words and characters apart', 'iPhone手机', ['iphon', '手', '机', '手机']],
    ['leaves the vowels of Hindi', 'हिन्दी', ['हिन्दी']],
    ['is empty for nothing', ' .,;— ', []],
  ])('%s: %s', (_name, text, terms) => {
    expect(analyze(text)).toEqual(terms);
  });

  test('possessives find their owner', () => {
    expect(analyze("John's")).toContain('john');
    expect(analyze('John’s')).toEqual(analyze("John's"));
  });

  test('other languages have their own stems and stop words', () => {
    expect(analyze('die Häuser', { language: 'german' })).toEqual(analyze('Haus', { language: 'german' }));
    expect(analyze('the running', { language: 'none' })).toEqual(['the', 'running']);
  });

  test('no text breaks it, and the same text gives the same terms', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(analyze(text)).toEqual(analyze(text));
        expect(analyze(text)).not.toContain('');
      }),
    );
  });

  test('letters and digits of any script are never lost', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\p{L}\p{N}]{1,8}$/u), (word) => {
        expect(analyze(word, { language: 'none' })).not.toEqual([]);
      }),
    );
  });
});

describe('vectors', () => {
  // http://www.isthe.com/chongo/src/fnv/test_fnv.c
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('term ids are FNV-1a: %s', (term, id) => {
    expect(termId(term)).toBe(id);
  });

  test('ids ascend, are unique, and have a weight each', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const { indices, values } = documentVector(text);
        expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
        expect(values).toHaveLength(indices.length);
        expect(values.every((value) => value > 0 && value < 1.6)).toBe(true);
      }),
    );
  });

  test('a word weighs more when it is there more often, and less in a longer text', () => {
    const weight = (text: string) => {
      const { indices, values } = documentVector(text);
      return values[indices.indexOf(termId('fox'))] ?? 0;
    };
    expect(weight('fox fox dog')).toBeGreaterThan(weight('fox cat dog'));
    expect(weight(`fox ${'dog '.repeat(100)}`)).toBeLessThan(weight('fox dog'));
  });

  test('a query counts its terms', () => {
    expect(queryVector('fox foxes dog').values.toSorted()).toEqual([1, 2]);
  });
});
