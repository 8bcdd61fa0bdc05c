import { describe, expect, test } from '@jest/globals';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';
import { Operator } from './operator.js';

const operator = new Operator();

describe('/admin/dead-letters', () => {
  test('lists by filter, and finds nothing where nothing was refused', async () => {
    const answer = await operator.list({ namespace: new Client().namespace, status: 'open', limit: '200' });
    expect(answer).toMatchObject({ status: 200, body: { dead_letters: [], next_cursor: null } });
  });

  test('refuses what it does not know', async () => {
    expectProblem(await operator.list({ status: 'lost' }), 400, 'invalid_request');
    expectProblem(await operator.list({ cursor: 'x' }), 400, 'invalid_cursor');
    expectProblem(await operator.show(999_999_999), 404, 'dead_letter_not_found');
    expectProblem(await operator.redrive('one'), 404, 'dead_letter_not_found');
    expectProblem(await operator.discard(0), 404, 'dead_letter_not_found');
  });

  test('needs a token', async () => {
    const answer = await new Client().call('GET', '/admin/dead-letters', {
      headers: { Authorization: null },
    });
    expectProblem(answer, 401, 'missing_token');
  });
});
