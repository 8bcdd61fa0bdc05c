import type { JsonObject } from '@soma/memory';
import type { RunningGateway } from './running-gateway.js';

/** Makes a token and gives its secret. */
export async function newToken(
  { call }: Pick<RunningGateway, 'call'>,
  grant: JsonObject = {},
): Promise<{ secret: string; token_id: string }> {
  const body = { description: 'a test', role: 'writer', namespaces: ['team'], ...grant };
  const { status, json } = await call('POST', '/admin/tokens', { body });
  if (status !== 201) throw new Error(`no token was made: ${status}`);
  const { token_id } = json['token'] as { token_id: string };
  return { secret: json['secret'] as string, token_id };
}
