import { once } from 'node:events';
import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `pass`; `refuse`: every connection is reset; `hang`: no answer; an answer of its own, to requests of one method
 * where one is given; answers so much later.
 */
export type HttpProxyMode =
  | 'pass'
  | 'refuse'
  | 'hang'
  | { status: number; headers?: Record<string, string>; method?: string }
  | { delayMs: number };

/** A small HTTP proxy before one server that can be told to misbehave, and to answer in the server's place. */
export class HttpProxy {
  readonly url: string;
  /** Of the server behind it. */
  readonly target: string;
  /** Requests that did not pass unchanged. */
  touched = 0;
  readonly #server: Server;
  #mode: HttpProxyMode = 'pass';

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.target = target;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
  }

  static async start(target: string): Promise<HttpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HttpProxy(server, target);
  }

  set(mode: HttpProxyMode): void {
    this.#mode = mode;
    // A request that hangs is never answered: its connection goes when the hanging ends.
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mode = this.#modeFor(request);
    if (mode !== 'pass') this.touched += 1;
    if (mode === 'hang') return;
    if (mode === 'refuse') {
      request.socket.resetAndDestroy();
    } else if (typeof mode === 'object' && 'status' in mode) {
      request.resume();
      response.writeHead(mode.status, mode.headers).end();
    } else {
      if (typeof mode === 'object') await sleep(mode.delayMs);
      this.#pass(request, response);
    }
  }

  #modeFor({ method }: IncomingMessage): HttpProxyMode {
    const mode = this.#mode;
    if (typeof mode !== 'object' || !('status' in mode)) return mode;
    return mode.method === undefined || mode.method === method ? mode : 'pass';
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { hostname, port } = new URL(this.target);
    const { method, url: path, headers } = request;
    const onward = ask({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }
}
