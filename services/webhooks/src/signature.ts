import { createHmac } from 'node:crypto';
import { keyOfWebhookSecret } from '@soma/webhook-store';

export interface SignedMessage {
  /** The same at every attempt. */
  id: string;
  /** Of this attempt, epoch seconds. */
  timestamp: number;
  body: string;
}

/**
 * The headers of a message, by the Standard Webhooks specification 1.0.0: HMAC-SHA256 over `id.timestamp.body`, one
 * signature for each secret, so that a receiver can change over while two are in use.
 */
export function signatureHeaders(
  { id, timestamp, body }: SignedMessage,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOfWebhookSecret(secret));
    return `v1,${hmac.update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
