import { expect, test } from '@jest/globals';
import { newWebhookSecret } from '@soma/webhook-store';
import { Webhook } from 'standardwebhooks';
import { signatureHeaders } from './signature.js';

const message = () => ({
  id: 'one',
  timestamp: Math.floor(Date.now() / 1000),
  body: '{"type":"memory.stored"}',
});

test('receivers verify it with the library of Standard Webhooks, by either secret', () => {
  const [newest, former, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
  const sent = message();
  const headers = signatureHeaders(sent, [newest, former]);
  for (const secret of [newest, former])
    expect(new Webhook(secret).verify(sent.body, headers)).toEqual({ type: 'memory.stored' });
  expect(() => new Webhook(other).verify(sent.body, headers)).toThrow('No matching signature found');
  expect(() => new Webhook(newest).verify(`${sent.body} `, headers)).toThrow('No matching signature found');
});

test('it is the one of that library', () => {
  const secret = newWebhookSecret();
  const { id, timestamp, body } = message();
  const headers = signatureHeaders({ id, timestamp, body }, [secret]);
  expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(id, new Date(timestamp * 1000), body));
});
