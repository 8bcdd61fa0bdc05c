import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { target, type Answer } from './client.js';

/** A request as no fetch would make it: any Host, headers twice, any bytes in the target. */
export async function rawRequest<T>(options: {
  method?: string;
  path: string;
  /** Names and values in turn, sent as they are, beside the bearer token. */
  headers?: string[];
  body?: string | Uint8Array;
}): Promise<Answer<T> & { bytes: Buffer }> {
  const { url, token } = target();
  const { hostname, port, host } = new URL(url);
  const given = options.headers ?? [];
  const names = new Set(given.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  const standing = [
    ['Host', host],
    ['Authorization', `Bearer ${token}`],
    ...(options.body === undefined || names.has('transfer-encoding')
      ? []
      : [['Content-Length', String(Buffer.byteLength(options.body))]]),
  ].filter(([name = '']) => !names.has(name.toLowerCase()));
  const sent = request({
    hostname,
    port,
    method: options.method ?? 'GET',
    path: options.path,
    headers: [...standing.flat(), ...given],
    setHost: false,
    agent: false,
  });
  sent.end(options.body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const bytes = await buffer(response);
  const text = bytes.toString();
  const isJson =
    /json/.test(response.headers['content-type'] ?? '') && response.headers['content-encoding'] === undefined;
  return {
    status: response.statusCode ?? 0,
    headers: headersOf(response),
    body: (isJson && text !== '' ? JSON.parse(text) : null) as T,
    text,
    bytes,
  };
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}
