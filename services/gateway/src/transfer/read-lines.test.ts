import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readLines, type NumberedLine } from './read-lines.js';

const LIMITS = { maxLineBytes: 8, idleMs: 60_000 };

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

async function linesOf(content: AsyncIterable<Buffer>, limits = LIMITS): Promise<(string | null)[]> {
  const lines: NumberedLine[] = [];
  for await (const line of readLines(content, limits)) lines.push(line);
  expect(lines.map(({ number }) => number)).toEqual(lines.map((_, at) => at + 1));
  return lines.map(({ bytes }) => bytes?.toString() ?? null);
}

describe('lines', () => {
  test.each<[string, string[], (string | null)[]]>([
    ['end by a line feed, or both', ['a\nb\r\n'], ['a', 'b']],
    ['may lack the last one', ['a\nb'], ['a', 'b']],
    ['may be empty', ['\n\na\n'], ['', '', 'a']],
    ['come in pieces', ['a', 'b', '\nc', 'd\ne'], ['ab', 'cd', 'e']],
    ['have a break between two pieces', ['ab\r', '\ncd'], ['ab', 'cd']],
    ['as long as may be', ['12345678\n1'], ['12345678', '1']],
    [
      'that are too long are passed over',
      ['123456789\na\n', '12345', '67890', '1\nb'],
      [null, 'a', null, 'b'],
    ],
    ['that are too long at the end', ['a\n123456789'], ['a', null]],
    ['of nothing', [''], []],
  ])('%s', async (_name, chunks, lines) => {
    expect(await linesOf(chunksOf(...chunks))).toEqual(lines);
  });

  test('are the same however the bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'binary', maxLength: 6 }).map((line) => line.replaceAll(/[\n\r]/g, '')),
          {
            minLength: 1,
          },
        ),
        fc.integer({ min: 1, max: 5 }),
        async (lines, size) => {
          const bytes = Buffer.from(`${lines.join('\n')}\n`);
          const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
            bytes.subarray(at * size, (at + 1) * size),
          );
          const read = await linesOf(chunksOf(...pieces), { ...LIMITS, maxLineBytes: 100 });
          expect(read).toEqual(Buffer.from(lines.join('\n')).toString().split('\n'));
        },
      ),
    );
  });

  test('that stop coming are a timeout', async () => {
    const silent: AsyncIterable<Buffer> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    };
    await expect(linesOf(silent, { ...LIMITS, idleMs: 1 })).rejects.toMatchObject({
      code: 'request_timeout',
    });
  });
});
