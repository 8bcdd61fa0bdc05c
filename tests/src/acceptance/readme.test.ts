import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { Client } from './client.js';
import { curlLines, paste } from './documented-commands.js';

const ROUTES_SHOWN = 30;

describe('commands pasted as they stand', () => {
  test('those of the README answer with what it promises, in its order', async () => {
    const { namespace } = new Client();
    const answers: JsonObject[] = [];
    for (const line of curlLines('README.md')) answers.push(await paste(line, namespace));
    expect(answers).toMatchObject([
      { coord: 'ada.tea', ok: true, status: 'indexed' },
      { memories: [{ coord: 'ada.tea' }] },
      { memory: { coord: 'ada.tea', user_id: 'ada' } },
    ]);
  });

  test('those of docs/api.md are answered, none with a problem', async () => {
    const { namespace } = new Client();
    const lines = curlLines('docs/api.md');
    expect(lines.length).toBeGreaterThan(ROUTES_SHOWN);
    for (const line of lines) {
      const answer = await paste(line, namespace);
      expect([line, answer['code']]).toEqual([line, undefined]);
    }
  });
});
