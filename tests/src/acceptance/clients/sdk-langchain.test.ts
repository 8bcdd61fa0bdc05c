import { SomaRetriever } from '@somafractalmemory/client/langchain';
import { describe, expect, test } from '@jest/globals';
import { sdkClient } from './sdk-client.js';

describe('with LangChain', () => {
  test('a retriever gives memories as documents', async () => {
    const api = sdkClient().session();
    await api.store({ coord: 'ada.tea', text: 'Ada prefers green tea', user_id: 'ada' });
    await api.store({ coord: 'bob.tea', text: 'Bob prefers green tea', user_id: 'bob' });
    const retriever = new SomaRetriever({ api, search: { top_k: 3, user_id: 'ada' } });
    const documents = await retriever.invoke('green tea');
    expect(documents).toMatchObject([
      { id: 'ada.tea', pageContent: 'Ada prefers green tea', metadata: { coord: 'ada.tea', user_id: 'ada' } },
    ]);
  });
});
