import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type TinyService } from '../test/tiny-service.js';
import { type } from '../test/typed-line.js';

let service: TinyService;
beforeEach(async () => {
  service = await startTinyService();
});
afterEach(() => service.close());

function soma(line: string[]) {
  return type(['reindex', ...line], { env: { SOMA_URL: service.url, SOMA_API_TOKEN: 't' } });
}

const HASH = {
  collection: 'a',
  embedder: 'hash',
  url: null,
  model: 'hash-256',
  dimension: 256,
  settings: { kind: 'hash', model: null, url: null, dimension: null },
};
const OPENAI = {
  collection: 'b',
  embedder: 'openai',
  url: 'http://ollama/v1',
  model: 'nomic',
  dimension: 768,
  settings: { kind: 'openai', model: 'nomic', url: 'http://ollama/v1', dimension: 768 },
};
const SETTINGS =
  'SOMA_EMBEDDER=openai SOMA_EMBEDDER_URL=http://ollama/v1 SOMA_EMBEDDER_MODEL=nomic SOMA_EMBEDDER_DIMENSION=768';

function answer(path: string, result: Record<string, unknown>): void {
  const job = { job_id: 'j1', kind: 'reindex', state: 'done', request: {}, done: 1, total: 1, error: null };
  const times = { created_at: '', started_at: null, finished_at: null };
  service.on(`POST /admin/reindex${path}`, { body: { job: { ...job, ...times, result } } });
}

describe('reindex', () => {
  test('names the embedder, watches the job, and says what to set next and how to go back', async () => {
    answer('', { active: OPENAI, kept: HASH, checked: 12 });
    const { exitCode, out } = await soma(
      '--embedder openai --model nomic --endpoint http://ollama/v1 --dimension 768 --rate 50 --sample 9'.split(
        ' ',
      ),
    );
    expect(exitCode).toBe(0);
    expect(service.asked.map(({ body }) => body)).toEqual([
      { embedder: 'openai', model: 'nomic', url: 'http://ollama/v1', dimension: 768, rate: 50, sample: 9 },
    ]);
    expect(out).toContain('searches use openai (nomic, 768); 12 memories were compared');
    expect(out).toContain('hash (hash-256, 256) is kept: soma reindex --rollback');
    expect(out).toContain(SETTINGS);
  });

  test('--rollback goes back', async () => {
    answer('/rollback', { active: HASH, kept: OPENAI });
    const { exitCode, out } = await soma(['--rollback']);
    expect(exitCode).toBe(0);
    expect(out).toContain('searches use hash (hash-256, 256) again');
    expect(out).toContain('SOMA_EMBEDDER=hash');
  });

  test('--finish lets the former embedder go', async () => {
    answer('/finish', { active: OPENAI, kept: null });
    const { exitCode, out } = await soma(['--finish']);
    expect(exitCode).toBe(0);
    expect(out).toContain(SETTINGS);
  });

  test.each([
    [[]],
    [['--rollback', '--finish']],
    [['--embedder', 'hash', '--finish']],
    [['--rollback', '--rate', '3']],
    [['--rate', '3']],
    [['--embedder', 'hash', '--rate', '0']],
  ])('%j is a wrong line, and nothing is sent', async (line) => {
    expect((await soma(line)).exitCode).toBe(2);
    expect(service.asked).toEqual([]);
  });
});
