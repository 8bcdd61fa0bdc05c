import { expect, test } from '@jest/globals';
import { settingsToPass } from './service.js';

test('settings go to the standalone, all but where it lives and who may enter', () => {
  expect(
    settingsToPass({
      PATH: '/bin',
      SOMA_EMBEDDER: 'openai',
      SOMA_DATA_DIR: 'data',
      SOMA_API_PORT: '1',
      SOMA_API_TOKEN: 'secret',
      SOMA_API_TOKEN_FILE: 'token',
      SOMA_API_URL: 'http://127.0.0.1:1',
    }),
  ).toEqual({ SOMA_EMBEDDER: 'openai' });
});
