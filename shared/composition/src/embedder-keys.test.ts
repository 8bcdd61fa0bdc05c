import { expect, test } from '@jest/globals';
import { embedderSettings, loadSettings } from '@soma/service';
import { z } from 'zod';
import { apiKeyFor } from './embedder-keys.js';

function keyFor(url: string, env: Record<string, string>): string | undefined {
  return apiKeyFor(url, loadSettings(z.object(embedderSettings), env));
}

const OWN = { SOMA_EMBEDDER_URL: 'https://own.example/v1', SOMA_EMBEDDER_API_KEY: 'own-key' };
const OTHERS = { SOMA_EMBEDDER_API_KEYS: 'https://a.example=a-key, https://b.example:8443/v1=b=key' };

test.each([
  ['https://own.example/v1', 'own-key'],
  ['https://own.example/v2', 'own-key'],
  ['https://a.example/v1', 'a-key'],
  ['https://b.example:8443', 'b=key'],
  // Nobody's key goes where it does not belong.
  ['http://own.example/v1', undefined],
  ['https://own.example.evil.example', undefined],
  ['https://a.example:8443', undefined],
  ['https://stranger.example', undefined],
])('the key for %s is %j', (url, key) => {
  expect(keyFor(url, { ...OWN, ...OTHERS })).toBe(key);
});

test('a key without the URL it is for goes nowhere', () => {
  expect(keyFor('https://own.example/v1', { SOMA_EMBEDDER_API_KEY: 'own-key' })).toBeUndefined();
});

test.each(['a-key', 'a.example=secret', 'ftp://a.example=secret'])(
  'SOMA_EMBEDDER_API_KEYS=%s is refused without being shown',
  (keys) => {
    const load = () => keyFor('https://a.example', { SOMA_EMBEDDER_API_KEYS: keys });
    expect(load).toThrow(/SOMA_EMBEDDER_API_KEYS must be pairs/);
    expect(load).not.toThrow(/secret|a-key/);
  },
);
