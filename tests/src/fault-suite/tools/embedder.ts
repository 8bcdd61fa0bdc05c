import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export type EmbedderMode =
  'sound' | 'unavailable' | 'rate-limited' | 'nan' | 'wrong-dimension' | { delayMs: number };

/** An endpoint that speaks OpenAI's embeddings: the same text always has the same vector, whatever happened between. */
export class OwnEmbedder {
  readonly model = 'fault-suite';
  readonly dimension: number;
  readonly port: number;
  /** Requests so far that were not answered soundly; late ones once their time is over. */
  touched = 0;
  readonly #server: Server;
  #mode: EmbedderMode = 'sound';

  private constructor(server: Server, dimension: number) {
    this.#server = server;
    this.dimension = dimension;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
  }

  static async start(dimension = 32): Promise<OwnEmbedder> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OwnEmbedder(server, dimension);
  }

  set(mode: EmbedderMode): void {
    this.#mode = mode;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request).catch(() => undefined);
    if (body === undefined) return;
    const mode = this.#mode;
    if (typeof mode === 'object') await sleep(mode.delayMs);
    if (mode !== 'sound') this.touched += 1;
    if (mode === 'unavailable') response.writeHead(503).end();
    else if (mode === 'rate-limited') response.writeHead(429, { 'retry-after': '1' }).end();
    else response.setHeader('content-type', 'application/json').end(this.#answerTo(body, mode));
  }

  #answerTo(body: string, mode: EmbedderMode): string {
    const { input, encoding_format } = JSON.parse(body) as { input: string[]; encoding_format?: string };
    const data = input.map((text, index) => {
      const vector = vectorOf(text, mode === 'wrong-dimension' ? this.dimension - 1 : this.dimension);
      if (mode === 'nan') vector[index % vector.length] = Number.NaN;
      const embedding =
        encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
      return { object: 'embedding', index, embedding };
    });
    return JSON.stringify({ object: 'list', data, model: this.model, usage: { total_tokens: 1 } });
  }
}

/** Texts that share words have vectors that lie near each other. */
function vectorOf(text: string, dimension: number): Float32Array {
  const vector = new Float32Array(dimension);
  // A text without words has a direction too.
  for (const word of [text.length === 0 ? 'empty' : 'any', ...text.toLowerCase().split(/\W+/)]) {
    const digest = createHash('sha256').update(word).digest();
    for (let at = 0; at < dimension; at += 1)
      vector[at] = (vector[at] ?? 0) + (digest[at % digest.length] ?? 0) - 127.5;
  }
  return vector;
}
