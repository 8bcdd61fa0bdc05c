import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { until } from '../system/index.js';

export interface Received {
  id: string;
  headers: Record<string, unknown>;
  body: string;
  type: string;
  data: { namespace: string; coord: string; version: number; memory: { text: string } | null };
  /** Of `webhook-signature`. */
  signatures: string[];
  /** What a secret signs this message with. */
  signedWith: (secret: string) => string;
}

/** Somebody who is told by webhooks. */
export class Receiver {
  /** What arrived, refused or not, in its order. */
  readonly all: Received[] = [];
  /** The status of an answer; undefined: none is given. */
  answer: (message: Received) => number | undefined = () => 204;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void buffer(request).then((body) => {
        const header = (name: string) => String(request.headers[name] ?? '');
        const id = header('webhook-id');
        const signed = `${id}.${header('webhook-timestamp')}.${body.toString()}`;
        const message: Received = {
          ...(JSON.parse(body.toString()) as Pick<Received, 'type' | 'data'>),
          id,
          headers: request.headers,
          body: body.toString(),
          signatures: header('webhook-signature').split(' '),
          signedWith: (secret) => {
            const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
            return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
          },
        };
        this.all.push(message);
        const status = this.answer(message);
        if (status !== undefined) response.writeHead(status).end();
      });
    });
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/memories`;
  }

  /** What arrived so far, once that is so much. */
  async take(count: number): Promise<Received[]> {
    await until(`${count} messages`, 30_000, () => this.all.length >= count).catch((cause: unknown) => {
      const told = this.all.map(({ type, data }) => `${type} ${data.coord}@${data.version}`);
      throw new Error(`${count} messages were to arrive, and there were: ${told.join(', ')}`, { cause });
    });
    return this.all;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
