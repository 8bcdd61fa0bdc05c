import { Agent, request, type IncomingMessage } from 'node:http';

export interface Exchange {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
}

export interface LoadOptions {
  url: string;
  /** Requests under way at one time, each on a connection that is kept. */
  connections: number;
  /** Ends at so many requests or milliseconds, whichever comes first. */
  most: { requests: number; ms: number };
  exchange(index: number): Exchange;
  /** Another status ends the run with an error: what is measured has to work. */
  expected: number;
  onReply?(reply: Reply): void;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  /** Milliseconds of each. */
  latencies: number[];
}

/** Closed loop: each connection sends its next request when it has the last answer. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + options.most.ms;
  let next = 0;
  const connection = async () => {
    while (next < options.most.requests && performance.now() < end) {
      const exchange = options.exchange(next);
      next += 1;
      const sent = performance.now();
      const reply = await send(options.url, exchange, agent);
      latencies.push(performance.now() - sent);
      if (reply.status !== options.expected) {
        throw new Error(
          `${exchange.method} ${exchange.path} answered ${reply.status} and not ${options.expected}`,
        );
      }
      options.onReply?.(reply);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.connections }, connection));
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - started) / 1000;
  return { requests: latencies.length, perSecond: latencies.length / seconds, latencies };
}

function send(url: string, { method, path, headers, body }: Exchange, agent: Agent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const sent = request(
      `${url}${path}`,
      { method, headers: { ...headers, ...length }, agent },
      (response) => {
        response.resume();
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
