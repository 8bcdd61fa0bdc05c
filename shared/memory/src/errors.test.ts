import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ERROR_CODES, isSomaError, SomaError } from './errors.js';

interface Row {
  code: string;
  anchor: string;
  cells: string[];
}

/** The rows of the tables in docs/errors.md: `| <a id="code"></a>`code` | status | again? | when | what to do |`. */
function documentedRows(): Row[] {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^\| <a id="([^"]+)"><\/a>\s*`([^`]+)`\s*\|(.*)\|\s*$/gm)].map(
    ([, anchor = '', code = '', rest = '']) => ({
      code,
      anchor,
      cells: rest.split('|').map((cell) => cell.trim()),
    }),
  );
}

describe('docs/errors.md', () => {
  const rows = documentedRows();

  test('documents exactly the codes there are, each once', () => {
    expect(rows.map(({ code }) => code).sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  test('has an anchor for the type of a problem, and every cell filled', () => {
    for (const { code, anchor, cells } of rows) {
      expect(anchor).toBe(code);
      expect({ code, filled: cells.filter((cell) => cell !== '').length }).toEqual({ code, filled: 4 });
    }
  });

  test('says rightly which may be sent again unchanged', () => {
    const documented = Object.fromEntries(rows.map(({ code, cells }) => [code, cells[1]]));
    const expected = Object.entries(ERROR_CODES).map(([code, { retryable }]) => [
      code,
      retryable ? 'yes' : 'no',
    ]);
    expect(documented).toEqual(Object.fromEntries(expected));
  });
});

describe('SomaError', () => {
  test('carries its code, whether a repeat may help, and its cause', () => {
    const cause = new Error('socket closed');
    const error = new SomaError('store_unavailable', 'Postgres does not answer', { cause });
    expect(error).toMatchObject({ name: 'SomaError', code: 'store_unavailable', retryable: true, cause });
    expect(new SomaError('store_unavailable', 'for good', { retryable: false }).retryable).toBe(false);
    expect(isSomaError(error)).toBe(true);
    expect(isSomaError(cause)).toBe(false);
  });
});
