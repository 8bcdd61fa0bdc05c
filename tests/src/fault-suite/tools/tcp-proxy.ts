import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { KafkaConversation } from './kafka-conversation.js';

/**
 * What becomes of connections, those that stand and those that come:
 * `pass`; `refuse`: reset at once; `hang`: they stand, and nothing goes either way until another mode is set;
 * `drop-answers`: requests arrive, answers are lost; `delayMs`: answers come so much later, in their order;
 * `produceAnswers`: the same for answers to Kafka's Produce alone.
 */
export type ProxyMode =
  | 'pass'
  | 'refuse'
  | 'hang'
  | 'drop-answers'
  | { delayMs: number }
  | { produceAnswers: 'drop' | { delayMs: number } };

export interface TcpProxyOptions {
  target: { host?: string; port: number };
  /** Default a free one. */
  port?: number;
  /** So that answers to Produce are told from others. */
  protocol?: 'kafka';
}

/** A small TCP proxy on 127.0.0.1 that can be told to misbehave. */
export class TcpProxy {
  readonly port: number;
  /** Connections that came so far. */
  taken = 0;
  /** Answers to Produce that were dropped or delayed. */
  produceAnswersTouched = 0;
  readonly #server: Server;
  readonly #options: TcpProxyOptions;
  readonly #connections = new Set<Connection>();
  #mode: ProxyMode = 'pass';

  private constructor(server: Server, options: TcpProxyOptions) {
    this.#server = server;
    this.#options = options;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#take(client));
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    // Answers to a client that has ended its side still have to come.
    const server = createServer({ allowHalfOpen: true });
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, options);
  }

  get mode(): ProxyMode {
    return this.#mode;
  }

  /** Connections that stand just now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Answers that wait for their time. */
  get answersUnderWay(): number {
    return [...this.#connections].reduce((sum, connection) => sum + connection.answersUnderWay, 0);
  }

  set(mode: ProxyMode): void {
    this.#mode = mode;
    for (const connection of this.#connections) connection.follow(mode);
  }

  /** Every connection that stands is reset; new ones fare as the mode says. */
  cut(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /**
   * Every connection that stands loses its other end without a word, and stays so for ever, as after a router forgot
   * it; the server sees it closed. New ones fare as the mode says. Returns how many.
   */
  halfOpen(): number {
    const standing = [...this.#connections].filter((connection) => !connection.isHalfOpen);
    for (const connection of standing) connection.loseServer();
    return standing.length;
  }

  async stop(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #take(client: Socket): void {
    this.taken += 1;
    const connection = new Connection(client, this.#options, () => {
      this.produceAnswersTouched += 1;
    });
    this.#connections.add(connection);
    connection.onClosed = () => this.#connections.delete(connection);
    connection.follow(this.#mode);
  }
}

class Connection {
  onClosed: () => void = () => undefined;
  isHalfOpen = false;
  answersUnderWay = 0;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #kafka: KafkaConversation | undefined;
  readonly #touched: () => void;
  /** Answers wait for one another, so that a late one is not overtaken. */
  #answers: Promise<void> = Promise.resolve();
  #mode: ProxyMode = 'pass';

  constructor(client: Socket, { target, protocol }: TcpProxyOptions, touched: () => void) {
    this.#client = client;
    this.#touched = touched;
    this.#kafka = protocol === 'kafka' ? new KafkaConversation() : undefined;
    this.#server = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true });
    client.on('data', (chunk) => {
      this.#kafka?.heardRequest(chunk);
      if (!this.isHalfOpen) this.#server.write(chunk);
    });
    this.#server.on('data', (chunk) => this.#answer(chunk));
    client.on('end', () => {
      if (this.isHalfOpen) this.#close();
      else this.#server.end();
    });
    this.#server.on('end', () => void this.#answers.then(() => client.end()));
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (!this.isHalfOpen || socket === client) this.#close();
      });
    }
  }

  follow(mode: ProxyMode): void {
    this.#mode = mode;
    if (mode === 'refuse') {
      this.reset();
      return;
    }
    for (const socket of [this.#client, this.#server]) {
      if (mode === 'hang') socket.pause();
      else socket.resume();
    }
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#close();
  }

  loseServer(): void {
    this.isHalfOpen = true;
    this.#server.removeAllListeners('data');
    this.#server.destroy();
  }

  #close(): void {
    // What the server said last is on its way, in its order.
    void this.#answers.then(() => this.#client.destroy());
    this.#server.destroy();
    this.onClosed();
  }

  #answer(chunk: Buffer): void {
    if (this.#mode === 'drop-answers') return;
    if (this.#kafka === undefined) {
      const delayMs = typeof this.#mode === 'object' && 'delayMs' in this.#mode ? this.#mode.delayMs : 0;
      this.#send(chunk, delayMs);
      return;
    }
    for (const { frame, produce } of this.#kafka.heardAnswer(chunk)) this.#answerFrame(frame, produce);
  }

  #answerFrame(frame: Buffer, produce: boolean): void {
    const mode = this.#mode;
    if (typeof mode !== 'object') {
      this.#send(frame, 0);
    } else if ('delayMs' in mode) {
      this.#send(frame, mode.delayMs);
    } else if (!produce) {
      this.#send(frame, 0);
    } else {
      this.#touched();
      if (mode.produceAnswers !== 'drop') this.#send(frame, mode.produceAnswers.delayMs);
    }
  }

  #send(bytes: Buffer, delayMs: number): void {
    const due = performance.now() + delayMs;
    this.answersUnderWay += 1;
    this.#answers = this.#answers.then(async () => {
      const left = due - performance.now();
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
      this.answersUnderWay -= 1;
      if (this.#client.writable) this.#client.write(bytes);
    });
  }
}
