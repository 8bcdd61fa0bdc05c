import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { profile } from '../acceptance-system/index.js';
import { ROOT, until } from '../system/index.js';
import { Client } from './client.js';
import { curlLines, curlLinesUnder, paste } from './documented-commands.js';
import { startOwnSystem } from './own-system.js';

const API = 'docs/api.md';
/** What no other test may meet. */
const WHOLE = 'The whole installation';
const testOnce = profile() === 'standalone' ? test : test.skip;

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
    const whole = new Set(curlLinesUnder(API, WHOLE));
    const variables = {};
    for (const line of curlLines(API).filter((one) => !whole.has(one))) {
      const answer = await paste(line, namespace, { variables });
      expect([line, answer['code']]).toEqual([line, undefined]);
    }
  }, 120_000);

  testOnce(
    'those that concern a whole installation too',
    async () => {
      const system = await startOwnSystem({ SOMA_EMBEDDER: 'hash' });
      const client = new Client({ target: system.target });
      const jobsAreOver = async (): Promise<boolean> => {
        const { body } = await client.call<{ jobs: { state: string }[] }>('GET', '/admin/jobs');
        return body.jobs.every(({ state }) => state !== 'waiting' && state !== 'running');
      };
      const variables = {};
      try {
        for (const line of curlLinesUnder(API, WHOLE)) {
          const { code } = await paste(line, client.namespace, { at: system.target, variables });
          const isAbsent = /dead-letters\/1/.test(line);
          expect([line, code]).toEqual([line, isAbsent ? 'dead_letter_not_found' : undefined]);
          // The line that cancels a job comes while there is something to cancel.
          if (!line.startsWith('JOB=')) await until('jobs to be over', 60_000, jobsAreOver);
        }
      } finally {
        await system.stop();
      }
    },
    240_000,
  );

  test('show every route there is', () => {
    const { paths } = JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8')) as {
      paths: Record<string, object>;
    };
    const shown = new Set(curlLines(API).map(routeOf));
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
    const missing = routes.filter(({ method, path }) => {
      const form = new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
      // A word that is a path is no coord.
      const isOther = (one: string) => routes.some((route) => one === `${route.method} ${route.path}`);
      return ![...shown].some((one) => form.test(one) && (one === `${method} ${path}` || !isOther(one)));
    });
    expect(missing).toEqual([]);
  });
});

function routeOf(line: string): string {
  const [, path = ''] = /http:\/\/127\.0\.0\.1:40020([^\s'"?]*)/.exec(line) ?? [];
  const [, method] = /-X (\w+)/.exec(line) ?? [];
  return `${method ?? (/ -d | --data/.test(line) ? 'POST' : 'GET')} ${path}`;
}
