import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateway, type RunningGateway } from './test/running-gateway.js';

describe('writing and reading over HTTP', () => {
  let running: RunningGateway;
  let call: RunningGateway['call'];
  beforeAll(async () => {
    running = await startGateway();
    call = running.call;
  });
  afterAll(() => running.stop());

  test('a new memory is 201 with a WriteResult, Location, ETag and token', async () => {
    const answer = await call('POST', '/memories', { body: { coord: '42.0,17', payload: { text: 'hello' } } });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      coord: '42.0,17',
      namespace: 'default',
      memory_type: 'episodic',
      ok: true,
      status: 'stored',
      version: 1,
      operation_id: expect.any(String),
    });
    expect(answer.headers.get('location')).toBe('/memories/42.0,17');
    expect(answer.headers.get('etag')).toMatch(/^"1-\d+"$/);
    expect(answer.headers.get('soma-consistency-token')).toBeTruthy();
  });

  test('every spelling of a coord reads the same memory; %2C is a comma', async () => {
    for (const spelling of ['42,17', '42%2C17.00']) {
      const answer = await call('GET', `/memories/${spelling}`);
      expect(answer.status).toBe(200);
      expect(answer.json['memory']).toMatchObject({ coord: '42.0,17', coordinate: [42, 17], text: 'hello' });
    }
  });
});
