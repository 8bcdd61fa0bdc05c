import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type Reply, type TinyService } from './test/tiny-service.js';
import { type, type TypedOptions } from './test/typed-line.js';

let service: TinyService;
beforeEach(async () => {
  service = await startTinyService();
});
afterEach(() => service.close());

function soma(line: string[], options: TypedOptions = {}) {
  return type(line, { ...options, env: { SOMA_URL: service.url, SOMA_API_TOKEN: 't', ...options.env } });
}

const OVER = '2026-01-01T00:00:00Z';
const is = (changes: Record<string, unknown>): Reply => ({
  body: { operation_id: 'o1', status: 'accepted', matched: null, deleted: 0, finished_at: null, ...changes },
});
const ended = is({ status: 'stored', matched: 3, deleted: 2, spared: 1, finished_at: OVER });
const sent = (): unknown[] =>
  service.asked.filter(({ line }) => line.startsWith('POST')).map(({ body }) => body);

describe('delete-many', () => {
  test('watches the operation and prints what came of it', async () => {
    service.on('POST /memories/delete', is({}));
    service.on('GET /operations/o1', is({ matched: 3, deleted: 1 }), ended);
    const { exitCode, out, notes } = await soma([
      'delete-many',
      '--filters',
      '{"topic": "tea"}',
      '--user-id',
      'ada',
      '--at-most',
      '50',
      '--yes',
    ]);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: expect.stringMatching(/matched\s+3\ndeleted\s+2\nspared\s+1/),
    });
    expect(notes.split('\n')).toContain('delete running 1 of 3');
    expect(sent()).toEqual([{ filters: { topic: 'tea' }, user_id: 'ada', at_most: 50 }]);
  });

  test('counts first and deletes after a yes', async () => {
    service.on('POST /memories/delete', is({ matched: 3, finished_at: OVER, dry_run: true }), ended);
    const { exitCode, notes } = await soma(['delete-many', '--thread-id', 't1'], { answer: 'yes' });
    expect(exitCode).toBe(0);
    expect(notes).toContain('3 memories would be deleted');
    expect(sent()).toEqual([{ thread_id: 't1', dry_run: true }, { thread_id: 't1' }]);
  });

  test('deletes nothing after anything else, or when nobody can be asked', async () => {
    service.on('POST /memories/delete', is({ matched: 3, finished_at: OVER }));
    expect((await soma(['delete-many', '--all'], { answer: 'y' })).exitCode).toBe(1);
    expect(sent()).toEqual([{ all: true, dry_run: true }]);
    expect((await soma(['delete-many', '--all'])).exitCode).toBe(2);
    expect(sent()).toHaveLength(1);
  });

  test('says why nothing was deleted', async () => {
    const error = { code: 'too_many_matched', detail: 'more than 2' };
    service.on('POST /memories/delete', is({ status: 'rejected', error, finished_at: OVER }));
    expect(await soma(['delete-many', '--all', '--yes'])).toMatchObject({
      exitCode: 1,
      notes: expect.stringContaining('too_many_matched: more than 2'),
    });
  });

  test('wants to be told what', async () => {
    expect(await soma(['delete-many', '--yes'])).toMatchObject({ exitCode: 2 });
    expect(service.asked).toEqual([]);
  });
});

describe('delete --filter', () => {
  test('is the same', async () => {
    service.on('POST /memories/delete', is({ matched: 7, finished_at: OVER }));
    const { out } = await soma(['delete', '--filter', '{"topic": "tea"}', '--dry-run']);
    expect(out).toBe('7 memories match; none was deleted');
    expect(sent()).toEqual([{ filters: { topic: 'tea' }, dry_run: true }]);
  });

  test.each([
    [['delete', 'm', '--filter', '{}']],
    [['delete', 'm', '--dry-run']],
    [['delete']],
    [['delete', '--filter', 'tea']],
  ])('%j is refused before anything is sent', async (line) => {
    expect((await soma(line)).exitCode).toBe(2);
    expect(service.asked).toEqual([]);
  });
});
