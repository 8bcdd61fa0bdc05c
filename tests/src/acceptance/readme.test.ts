import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../system/index.js';
import { target } from './client.js';

const run = promisify(execFile);

/** The curl lines of README.md as they stand, continued lines joined. */
function curlLines(): string[] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.startsWith('curl '));
}

describe('the commands of the README, pasted as they stand', () => {
  test('there are some', () => {
    expect(curlLines().length).toBeGreaterThanOrEqual(3);
  });

  test('each answers with what it promises, in its order', async () => {
    const { url, token } = target();
    const answers: unknown[] = [];
    for (const line of curlLines()) {
      const { stdout } = await run('bash', ['-c', line.replaceAll('http://127.0.0.1:40020', url)], {
        env: { ...process.env, TOKEN: token },
      });
      answers.push(JSON.parse(stdout));
    }
    expect(answers).toMatchObject([
      { coord: 'ada.tea', ok: true, status: 'indexed' },
      { memories: [{ coord: 'ada.tea' }] },
      { memory: { coord: 'ada.tea', user_id: 'ada' } },
    ]);
  });
});
