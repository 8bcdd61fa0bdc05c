import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** Method and target, as in `GET /admin/jobs?limit=20`. */
  line: string;
  headers: IncomingMessage['headers'];
  /** Parsed where it is JSON, else as text. */
  body: unknown;
}

export interface Reply {
  status?: number;
  body?: unknown;
  /** Instead of JSON. */
  text?: string;
  headers?: Record<string, string>;
}

/** An HTTP server that answers what a test tells it to, and remembers what it was asked. */
export interface TinyService {
  url: string;
  asked: Asked[];
  /** Replies to requests whose line begins so, one after the other; the last one stays. */
  on(line: string, ...replies: Reply[]): void;
  close(): Promise<void>;
}

export async function startTinyService(): Promise<TinyService> {
  const asked: Asked[] = [];
  const plans = new Map<string, Reply[]>();
  const server = createServer((request, response) => {
    void readAll(request).then((text) => {
      const line = `${request.method ?? ''} ${request.url ?? ''}`;
      const { headers } = request;
      asked.push({
        line,
        headers,
        body: headers['content-type'] === 'application/json' ? JSON.parse(text) : text,
      });
      const plan = [...plans].find(([start]) => line.startsWith(start))?.[1];
      const reply = (plan !== undefined && plan.length > 1 ? plan.shift() : plan?.[0]) ?? unknownRoute();
      response.writeHead(reply.status ?? 200, { 'Content-Type': 'application/json', ...reply.headers });
      response.end(reply.text ?? JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    on: (line, ...replies) => void plans.set(line, replies),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function unknownRoute(): Reply {
  return { status: 404, body: { code: 'route_not_found', detail: 'there is no such route' } };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
