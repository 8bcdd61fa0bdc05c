import { MockLanguageModelV3 } from 'ai/test';
import { generateText, stepCountIs, wrapLanguageModel } from 'ai';
import { memoryTools, recallMemories } from '@somafractalmemory/client/ai';
import { describe, expect, test } from '@jest/globals';
import { sdkClient } from './sdk-client.js';

type Generated = Awaited<ReturnType<MockLanguageModelV3['doGenerate']>>;

const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } } as Generated['usage'];
const says = (text: string): Generated => ({
  content: [{ type: 'text', text }],
  finishReason: { unified: 'stop', raw: 'stop' },
  usage,
  warnings: [],
});
const calls = (toolName: string, input: unknown): Generated => ({
  content: [{ type: 'tool-call', toolCallId: toolName, toolName, input: JSON.stringify(input) }],
  finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
  usage,
  warnings: [],
});

/** A model that says these things, one after the other. */
function model(...replies: Generated[]): MockLanguageModelV3 {
  return new MockLanguageModelV3({ doGenerate: replies });
}

describe('with the AI SDK', () => {
  test('a model remembers and recalls by tools, within its scope', async () => {
    const session = sdkClient().session();
    await session.store({ text: 'Bob prefers green tea', user_id: 'bob' });
    const { steps } = await generateText({
      model: model(
        calls('remember', { text: 'Ada prefers green tea', tags: ['drink'] }),
        calls('recall', { query: 'who prefers green tea' }),
        says('Ada does.'),
      ),
      tools: memoryTools(session, { user_id: 'ada' }),
      stopWhen: stepCountIs(5),
      prompt: 'Remember that I prefer green tea. Who does?',
    });
    const recalled = steps
      .flatMap(({ toolResults }) => toolResults)
      .find(({ toolName }) => toolName === 'recall');
    expect(recalled?.output).toEqual({
      memories: [
        { coord: expect.any(String), text: 'Ada prefers green tea', date: expect.stringMatching(/Z$/) },
      ],
    });
  });

  test('what is remembered of the last message is shown before it, as data', async () => {
    const session = sdkClient().session();
    await session.store({ text: 'Ada prefers green tea', user_id: 'ada' });
    const mock = model(says('Green.'));
    const wrapped = wrapLanguageModel({
      model: mock,
      middleware: recallMemories(session, { user_id: 'ada' }),
    });
    await generateText({ model: wrapped, system: 'Be short.', prompt: 'Which tea does Ada prefer?' });
    const prompt = mock.doGenerateCalls[0]?.prompt ?? [];
    expect(prompt.map(({ role }) => role)).toEqual(['system', 'system', 'user']);
    const lines = (prompt[1]?.content as string).split('\n');
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ text: 'Ada prefers green tea' });
  });

  test('a model answers without memories when the service is out and that is told', async () => {
    const errors: unknown[] = [];
    const nowhere = sdkClient({ url: 'http://127.0.0.1:9', retry: { attempts: 1 } });
    const told = recallMemories(nowhere, { onError: (error) => errors.push(error) });
    const ask = (middleware: typeof told) =>
      generateText({
        model: wrapLanguageModel({ model: model(says('Hm.')), middleware }),
        prompt: 'Tea?',
        maxRetries: 0,
      });
    expect((await ask(told)).text).toBe('Hm.');
    expect(errors).toMatchObject([{ code: 'unreachable' }]);
    await expect(ask(recallMemories(nowhere))).rejects.toMatchObject({ code: 'unreachable' });
  });
});
