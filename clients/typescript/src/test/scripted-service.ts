import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test lets the service do with a request. */
export type Reply =
  | {
      status?: number;
      body?: unknown;
      text?: string;
      headers?: Record<string, string>;
      /** More may follow: the reply does not end. */
      open?: boolean;
    }
  /** Cuts the connection before a byte, or in the middle of the body. */
  | 'cut'
  | 'cut mid-reply'
  /** Never answers. */
  | 'silence';

export interface Asked {
  /** Method and target, as in `GET /memories/m`. */
  line: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An HTTP server that plays back replies, the last one for ever, and remembers what it was asked. */
export interface ScriptedService {
  url: string;
  asked: Asked[];
  play(...replies: Reply[]): void;
  /** Sockets that are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

export async function startScriptedService(): Promise<ScriptedService> {
  const asked: Asked[] = [];
  let script: Reply[] = [];
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      asked.push({ line: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers, body });
      const reply = script.length > 1 ? script.shift() : script[0];
      perform(reply ?? {}, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    play: (...replies) => {
      script = replies;
    },
    connections: () =>
      new Promise((resolve) => {
        server.getConnections((_, count) => {
          resolve(count);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** As the service refuses: a problem document. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}): Reply {
  return {
    status,
    body: { code, detail: 'said by the test', status },
    headers: { 'X-Request-Id': 'r-1', ...headers },
  };
}

function perform(reply: Reply, response: ServerResponse): void {
  if (reply === 'silence') return;
  if (reply === 'cut') {
    response.destroy();
    return;
  }
  if (reply === 'cut mid-reply') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' });
    response.write('{"half":', () => response.destroy());
    return;
  }
  response.writeHead(reply.status ?? 200, { 'Content-Type': 'application/json', ...reply.headers });
  const text = reply.text ?? JSON.stringify(reply.body ?? {});
  if (reply.open === true) response.write(text);
  else response.end(text);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
