import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../system/index.js';
import { Client } from './client.js';
import { curlLines, paste } from './documented-commands.js';
import { Receiver } from './receiver.js';

const PAGE = 'docs/webhooks.md';

test('its commands, pasted as they stand, make a webhook and show it', async () => {
  const { namespace } = new Client();
  const answers = [];
  for (const line of curlLines(PAGE)) answers.push(await paste(line, namespace));
  expect(answers).toMatchObject([
    { secret: expect.stringMatching(/^whsec_/), webhook: { events: ['memory.stored'] } },
    { webhooks: [{ url: 'https://agents.example.com/memories', stopped_because: null }] },
  ]);
});

test('its function knows what is genuine', async () => {
  const [, source = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, PAGE), 'utf8')) ?? [];
  const module = `data:text/javascript,${encodeURIComponent(source)}`;
  const { isGenuine } = (await import(module)) as {
    isGenuine: (headers: Record<string, unknown>, body: string, secret: string) => boolean;
  };
  const client = new Client();
  const receiver = await Receiver.start();
  const { body } = await client.call<{ secret: string }>('POST', '/webhooks', {
    json: { url: receiver.url },
  });
  await client.put('a', { text: 'one' });
  const [message] = await receiver.take(1);
  const { headers = {}, body: sent = '' } = message ?? {};
  expect(isGenuine(headers, sent, body.secret)).toBe(true);
  expect(isGenuine(headers, `${sent} `, body.secret)).toBe(false);
  expect(isGenuine({ ...headers, 'webhook-timestamp': '1' }, sent, body.secret)).toBe(false);
  await receiver.stop();
});
