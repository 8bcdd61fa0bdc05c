import { describe, expect, test } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('the URL of Redis', () => {
  test.each([
    ['redis://cache', { mode: 'standalone', address: { host: 'cache', port: 6379 }, db: 0, tls: false }],
    ['redis://[::1]:7000/3', { mode: 'standalone', address: { host: '::1', port: 7000 }, db: 3, tls: false }],
    [
      'rediss://me:p%40ss@cache:1/',
      {
        mode: 'standalone',
        address: { host: 'cache', port: 1 },
        db: 0,
        tls: true,
        username: 'me',
        password: 'p@ss',
      },
    ],
    [
      'redis://:secret@cache',
      { mode: 'standalone', address: { host: 'cache', port: 6379 }, db: 0, tls: false, password: 'secret' },
    ],
    [
      'redis+cluster://a:1,b,c:3',
      {
        mode: 'cluster',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 6379 },
          { host: 'c', port: 3 },
        ],
        tls: false,
      },
    ],
    [
      'rediss+sentinel://:pw@a,b:2/main?db=4&sentinel_password=sp',
      {
        mode: 'sentinel',
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 2 },
        ],
        master: 'main',
        db: 4,
        tls: true,
        password: 'pw',
        sentinelPassword: 'sp',
      },
    ],
  ])('%s', (url, target) => {
    expect(parseRedisUrl(url)).toEqual(target);
  });

  test.each([
    '',
    'cache:6379',
    'http://:secret@cache',
    'redis://:secret@',
    'redis://:secret@cache:0',
    'redis://:secret@cache:99999',
    'redis://:secret@cache/one',
    'redis://:secret%@cache',
    'redis://:secret@a,b',
    'redis+cluster://:secret@a/1',
    'redis+sentinel://:secret@a',
  ])('%s is refused without its password in the error', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }));
    expect(() => parseRedisUrl(url)).not.toThrow('secret');
  });
});
