import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { SomaChatMessageHistory, SomaRetriever } from '@somafractalmemory/client/langchain';
import { describe, expect, test } from '@jest/globals';
import { sdkClient } from './sdk-client.js';

describe('with LangChain', () => {
  test('a thread keeps its messages as they were, in order, apart from other threads', async () => {
    const client = sdkClient();
    const history = new SomaChatMessageHistory({ client, thread_id: 't1', user_id: 'ada' });
    const messages: BaseMessage[] = [
      new HumanMessage('Which tea?'),
      new AIMessage({ content: '', tool_calls: [{ id: 'c1', name: 'recall', args: { query: 'tea' } }] }),
      new ToolMessage({ content: 'green', tool_call_id: 'c1' }),
      new AIMessage('Green.'),
    ];
    await history.addMessages(messages);
    await history.addUserMessage('Thanks');
    await new SomaChatMessageHistory({ client, thread_id: 't2' }).addAIMessage('elsewhere');
    const kept = await new SomaChatMessageHistory({ client, thread_id: 't1' }).getMessages();
    expect(kept.map((message) => message.toDict())).toEqual(
      [...messages, new HumanMessage('Thanks')].map((message) => message.toDict()),
    );
    await history.clear();
    expect(await history.getMessages()).toEqual([]);
    expect(await new SomaChatMessageHistory({ client, thread_id: 't2' }).getMessages()).toHaveLength(1);
  });

  test('forty messages of one batch stay in order', async () => {
    const history = new SomaChatMessageHistory({ client: sdkClient(), thread_id: 't' });
    const texts = Array.from({ length: 40 }, (_, n) => `message ${n}`);
    await history.addMessages(texts.map((text) => new HumanMessage(text)));
    expect((await history.getMessages()).map(({ text }) => text)).toEqual(texts);
  });

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
