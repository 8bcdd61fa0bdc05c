import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Operation } from '@soma/memory';
import { createLogger } from '@soma/service';
import { OutcomeWaiter } from './outcome-waiter.js';

const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
const ID = '018f0000-0000-7000-8000-000000000001';
const never = new AbortController().signal;

function operation(position: number, more: Partial<Operation> = {}): Operation {
  return {
    operation_id: ID,
    namespace: 'n',
    topic: 'memory.commands',
    partition: 0,
    position,
    generation: 1,
    coord: 'a',
    status: 'stored',
    deleted: null,
    created: true,
    version: 1,
    revision: 1,
    memory_type: 'episodic',
    error: null,
    index_error: null,
    request_hash: 'h',
    issuer: 'i',
    accepted_at: 0,
    finished_at: 0,
    ...more,
  };
}

const place = (position: number) => ({ topic: 'memory.commands', partition: 0, position });
const REUSED = { status: 'rejected', error: { code: 'idempotency_key_reused', detail: '' } } as const;

describe('waiting for outcomes', () => {
  let tell: (operations: Operation[]) => void = () => undefined;
  let known: Operation | undefined;
  let questions: string[][];
  let waiter: OutcomeWaiter;

  beforeEach(() => {
    known = undefined;
    questions = [];
    waiter = new OutcomeWaiter({
      outcomes: {
        subscribe: (_name, listener) => {
          tell = listener;
          return Promise.resolve({ close: () => Promise.resolve() });
        },
      },
      ledger: {
        operations: (_namespace, ids) => {
          questions.push(ids);
          return Promise.resolve(ids.map(() => known));
        },
      },
      name: 'me',
      capacity: 3,
      logger,
      pollMs: 5,
    });
    waiter.start();
  });
  afterEach(() => waiter.stop());

  const expectOne = (request_hash: string | null = 'h') =>
    waiter.expect([{ command_id: ID, namespace: 'n', request_hash }]);

  test('news settles the wait', async () => {
    const expectation = expectOne();
    expectation.appended(ID, place(7));
    const settled = expectation.settled(5_000, never);
    tell([operation(7)]);
    expect((await settled).get(ID)).toMatchObject({ reused: false, replayed: false });
  });

  test('news that is faster than the log is kept until the log has answered', async () => {
    const expectation = expectOne();
    tell([operation(7)]);
    expectation.appended(ID, place(7));
    expect((await expectation.settled(5_000, never)).get(ID)).toMatchObject({ replayed: false });
  });

  test('what was not heard is found in the ledger', async () => {
    const expectation = expectOne();
    expectation.appended(ID, place(7));
    known = operation(7);
    expect((await expectation.settled(5_000, never)).get(ID)).toMatchObject({ replayed: false });
  });

  test('the ledger is asked at the deadline, even at once', async () => {
    const expectation = expectOne();
    expectation.appended(ID, place(7));
    known = operation(7);
    expect((await expectation.settled(0, never)).size).toBe(1);
    expect(questions).toEqual([[ID]]);
  });

  test('without an outcome the wait ends at its deadline', async () => {
    const expectation = expectOne();
    expectation.appended(ID, place(7));
    expect((await expectation.settled(20, never)).size).toBe(0);
  });

  test('the operation of an earlier twin counts, and says that it was replayed', async () => {
    const expectation = expectOne();
    expectation.appended(ID, place(9));
    tell([operation(7)]);
    expect((await expectation.settled(5_000, never)).get(ID)).toMatchObject({
      reused: false,
      replayed: true,
    });
  });

  test('an earlier twin with another request means the key was reused', async () => {
    const expectation = expectOne('other');
    expectation.appended(ID, place(9));
    tell([operation(7)]);
    expect((await expectation.settled(5_000, never)).get(ID)).toEqual({ reused: true });
  });

  test("a twin's refusal is not taken for one's own", async () => {
    const [first, second] = [expectOne('h'), expectOne('other')];
    first.appended(ID, place(7));
    second.appended(ID, place(9));
    const both = Promise.all([first.settled(5_000, never), second.settled(5_000, never)]);
    tell([operation(9, REUSED)]);
    tell([operation(7)]);
    const [a, b] = await both;
    expect(a.get(ID)).toMatchObject({ reused: false, replayed: false });
    expect(b.get(ID)).toEqual({ reused: true });
  });

  test('more than the capacity is refused, and released room is room again', () => {
    const taken = [expectOne(), expectOne(), expectOne()];
    expect(() => expectOne()).toThrow(expect.objectContaining({ code: 'overloaded' }));
    for (const expectation of taken) expectation.release();
    expect(waiter.size).toBe(0);
    expectOne().release();
  });

  test('a stop ends every wait with what is known', async () => {
    const expectation = expectOne();
    expectation.appended(ID, place(7));
    const settled = expectation.settled(60_000, never);
    await waiter.stop();
    expect((await settled).size).toBe(0);
  });

  test('a caller that is gone ends its wait without a question', async () => {
    const gone = new AbortController();
    const expectation = expectOne();
    expectation.appended(ID, place(7));
    const settled = expectation.settled(60_000, gone.signal);
    gone.abort();
    expect((await settled).size).toBe(0);
  });
});
