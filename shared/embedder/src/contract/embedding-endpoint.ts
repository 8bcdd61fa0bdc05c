import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { createHashEmbedder } from '../hash/index.js';

export interface EndpointRequest {
  path: string;
  authorization: string | undefined;
  input: string[];
  body: Record<string, unknown>;
}

/** `hang`: no answer; `drop`: the connection is cut; `default`: what a sound endpoint answers. */
export type EndpointReply =
  'hang' | 'drop' | 'default' | { status: number; headers?: Record<string, string>; body?: string };

export interface EmbeddingEndpoint {
  url: string;
  requests: EndpointRequest[];
  /** Requests being answered at one time, the most so far. */
  mostConcurrent: number;
  reply: (request: EndpointRequest) => EndpointReply | Promise<EndpointReply>;
  close(): Promise<void>;
}

/** An endpoint that speaks OpenAI's embeddings over real HTTP, with the vectors of the hash embedder, for tests. */
export async function startEmbeddingEndpoint(dimension = 16): Promise<EmbeddingEndpoint> {
  const embedder = createHashEmbedder({ dimension });
  let concurrent = 0;
  const answer = async (message: IncomingMessage, response: ServerResponse) => {
    concurrent += 1;
    endpoint.mostConcurrent = Math.max(endpoint.mostConcurrent, concurrent);
    const body = JSON.parse(await readText(message)) as Record<string, unknown>;
    const request = {
      path: message.url ?? '',
      authorization: message.headers.authorization,
      input: body['input'] as string[],
      body,
    };
    endpoint.requests.push(request);
    const reply = await endpoint.reply(request);
    concurrent -= 1;
    if (reply === 'hang') return;
    if (reply === 'drop') response.destroy();
    else if (reply === 'default') response.end(await soundBody(request));
    else response.writeHead(reply.status, reply.headers).end(reply.body);
  };
  const soundBody = async (request: EndpointRequest) => {
    const embeddings = await embedder.embed(request.input, { purpose: 'document' });
    const vectors = embeddings.map((embedding) =>
      'vector' in embedding ? embedding.vector : new Float32Array(),
    );
    return embeddingsBody(vectors, request.body['encoding_format'] === 'base64');
  };
  const server = createServer((message, response) => void answer(message, response));
  const endpoint: EmbeddingEndpoint = {
    url: await listen(server),
    requests: [],
    mostConcurrent: 0,
    reply: () => 'default',
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return endpoint;
}

/** A response body, its data in reverse so that only `index` tells the order. Twice the length, which must not show. */
export function embeddingsBody(vectors: Float32Array[], base64: boolean): string {
  const data = vectors.map((vector, index) => {
    const scaled = vector.map((component) => component * 2);
    return {
      object: 'embedding',
      index,
      embedding: base64 ? Buffer.from(scaled.buffer).toString('base64') : Array.from(scaled),
    };
  });
  return JSON.stringify({ object: 'list', data: data.reverse(), model: 'm', usage: { total_tokens: 1 } });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
