import { describe, expect, test } from '@jest/globals';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';

describe('coordinates', () => {
  test.each([
    ['42.0,17.0', '42,17', [42, 17]],
    ['0', '-0', [0]],
    ['-0.0', '0', [0]],
    ['1.50', '1.5', [1.5]],
    ['-3,0.10,7', '-3.0,0.1,7.00', [-3, 0.1, 7]],
  ])('%s and %s are one memory', async (written, read, coordinate) => {
    const client = new Client();
    await client.put(written, { payload: { n: 1 } });
    const { status, body } = await client.get(read);
    expect(status).toBe(200);
    expect(body.memory).toMatchObject({ coord: written, coordinate });
  });

  test('the spelling last written is echoed', async () => {
    const client = new Client();
    await client.put('42.0,17.0', { payload: {} });
    const replaced = await client.put('42,17.00', { payload: {} });
    expect([replaced.status, replaced.body.version]).toEqual([200, 2]);
    expect((await client.get('42,17')).body.memory.coord).toBe('42,17.00');
  });

  test('in a path %2C equals a comma', async () => {
    const client = new Client();
    await client.call('PUT', '/memories/5%2C6', { json: { payload: {} } });
    expect((await client.call('GET', '/memories/5,6')).status).toBe(200);
  });

  test('15 significant digits are a number, 16 are a name', async () => {
    const client = new Client();
    await client.put('123456789012345', { payload: {} });
    await client.put('1234567890123456', { payload: {} });
    expect((await client.get('123456789012345')).body.memory.coordinate).toEqual([123456789012345]);
    expect((await client.get('1234567890123456')).body.memory.coordinate).toBeNull();
  });

  test('numbers that differ in the 15th digit are two memories', async () => {
    const client = new Client();
    await client.put('0.123456789012345', { payload: { n: 1 } });
    await client.put('0.123456789012346', { payload: { n: 2 } });
    expect((await client.get('0.123456789012345')).body.memory.payload).toEqual({ n: 1 });
  });

  test.each(['1e3', '+1', '007', 'a', 'A.b_c:d~e@f+g-h', '1.', '-', '_', 'x'.repeat(200)])(
    '%s is a name',
    async (name) => {
      const client = new Client();
      expect((await client.put(name, { payload: {} })).status).toBe(201);
      expect((await client.get(name)).body.memory).toMatchObject({ coord: name, coordinate: null });
    },
  );

  test('names count their case', async () => {
    const client = new Client();
    await client.put('Ada', { payload: {} });
    expectProblem(await client.get('ada'), 404, 'memory_not_found');
  });

  test.each([
    '.hidden',
    'x'.repeat(201),
    'a b',
    'a/b',
    'naïve',
    '1,a',
    '1,,2',
    ',1',
    '1,',
    '01,2',
    '1e3,4',
    Array.from({ length: 65 }, () => '1').join(','),
    '1,1234567890123456',
    'batch',
    'count',
    'delete',
    'get',
    'messages',
    'range',
    'search',
  ])('%s is refused', async (coord) => {
    const client = new Client();
    const posted = await client.call('POST', '/memories', { json: { coord, payload: {} } });
    expectProblem(posted, 400, 'invalid_coord');
  });

  test.each(['.hidden', 'a b', '1,,2', 'x'.repeat(201), 'a\u0000b'])(
    'a path with %j is refused',
    async (coord) => {
      const client = new Client();
      expectProblem(await client.put(coord, { payload: {} }), 400, 'invalid_coord');
      expectProblem(await client.get(coord), 400, 'invalid_coord');
      expectProblem(await client.delete(coord), 400, 'invalid_coord');
    },
  );

  test('a coord that is not a string is an invalid request', async () => {
    const client = new Client();
    const answer = await client.call('POST', '/memories', { json: { coord: 5, payload: {} } });
    expectProblem(answer, 400, 'invalid_request');
  });

  test('a path escape that is not UTF-8 is refused', async () => {
    const { status, body } = await new Client().call<{ code: string }>('GET', '/memories/%ff');
    expect(status).toBe(400);
    expect(['invalid_coord', 'invalid_request']).toContain(body.code);
  });

  test('64 components are taken', async () => {
    const client = new Client();
    const coord = Array.from({ length: 64 }, (_, index) => String(index)).join(',');
    const { body } = await client.put(coord, { payload: {} });
    expect(body).toMatchObject({ coord, version: 1 });
  });
});
