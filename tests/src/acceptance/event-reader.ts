import type { JsonObject } from '@soma/memory';
import { target, type Target } from './client.js';

export interface ServerEvent {
  id: string;
  event: string;
  data: JsonObject & { coord: string; version: number };
}

/** Reads server-sent events as a browser would (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventReader {
  readonly #response: Response;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = '';
  /** The last id that was told, also by a line without an event. */
  lastId = '';

  private constructor(response: Response, body: ReadableStream<Uint8Array>) {
    this.#response = response;
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(
    namespace: string,
    query = '',
    headers: Record<string, string> = {},
    { url, token }: Target = target(),
  ): Promise<EventReader> {
    const response = await fetch(`${url}/events${query}`, {
      headers: {
        Authorization: `Bearer ${token}`,
        'Soma-Namespace': namespace,
        Accept: 'text/event-stream',
        ...headers,
      },
    });
    if (response.status !== 200 || response.body === null)
      throw new Error(`events were refused: ${response.status} ${await response.text()}`);
    return new EventReader(response, response.body);
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  /** So many events more; waits for them. */
  async take(count: number): Promise<ServerEvent[]> {
    const events: ServerEvent[] = [];
    while (events.length < count) {
      const event = await this.#next();
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }

  /** One block; undefined where it has no event. */
  async #next(): Promise<ServerEvent | undefined> {
    for (let end = this.#rest.indexOf('\n\n'); ; end = this.#rest.indexOf('\n\n')) {
      if (end >= 0) {
        const block = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 2);
        return this.#read(block);
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error('the stream has ended');
      this.#rest += value;
    }
  }

  #read(block: string): ServerEvent | undefined {
    const fields = Object.fromEntries(
      block.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    this.lastId = fields['id'] ?? this.lastId;
    if (fields['data'] === undefined) return undefined;
    return {
      id: this.lastId,
      event: fields['event'] ?? 'message',
      data: JSON.parse(fields['data']) as ServerEvent['data'],
    };
  }
}
