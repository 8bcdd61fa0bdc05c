import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { ISocketFactory, RequestTimeoutEvent } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000;

/** What of kafkajs's consumers and admins tells of requests without an answer. */
interface Asking<Event extends string> {
  events: { REQUEST_TIMEOUT: Event };
  on(event: Event, listener: (event: RequestTimeoutEvent) => void): unknown;
}

/**
 * The connections to the brokers. kafkajs keeps one whose requests find no answer, and asks over it again until its
 * retries are used up; told to disconnect, it forgets the requests under way, which then never end. A socket that ends
 * with an error is another matter: all its requests fail at once, and the next one connects anew. So a connection that
 * is dead without saying so is made to say so.
 */
export class BrokerSockets {
  /** When something last came on each, by performance.now(). */
  readonly #heardAt = new Map<Socket, number>();
  readonly #byBroker = new Map<string, Set<Socket>>();
  readonly #silentMs: number;

  /** @param requestTimeoutMs what requests are given. An answer to one before may have come just after it was sent. */
  constructor(requestTimeoutMs: number) {
    this.#silentMs = requestTimeoutMs * 0.8;
  }

  readonly open: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    // The types hide that without TLS there is nothing in it.
    const options = ssl as typeof ssl | null;
    const socket =
      options === null
        ? connectPlain({ host, port }, onConnect)
        : connectSecure(
            { host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...options },
            onConnect,
          );
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#follow(socket, `${host}:${port}`);
    return socket;
  };

  /** Ends the silent connections to a broker of which this client hears that it left a request without an answer. */
  watch<Event extends string>(client: Asking<Event>): void {
    client.on(client.events.REQUEST_TIMEOUT, ({ payload }) => {
      this.#endSilent(payload.broker);
    });
  }

  #follow(socket: Socket, broker: string): void {
    const sockets = this.#byBroker.get(broker) ?? new Set();
    this.#byBroker.set(broker, sockets.add(socket));
    const heard = (): void => {
      this.#heardAt.set(socket, performance.now());
    };
    heard();
    socket.on('data', heard).once('close', () => {
      this.#heardAt.delete(socket);
      sockets.delete(socket);
      if (sockets.size === 0) this.#byBroker.delete(broker);
    });
  }

  #endSilent(broker: string): void {
    for (const socket of this.#byBroker.get(broker) ?? []) {
      const silentMs = performance.now() - (this.#heardAt.get(socket) ?? 0);
      if (silentMs >= this.#silentMs)
        socket.destroy(new Error('the broker answers no more on this connection'));
    }
  }
}
