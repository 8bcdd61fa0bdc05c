import { CallLimit } from './call-limit.js';
import { readCall, writeCall } from './calls.js';
import { SessionToken } from './session-token.js';
import type { ApiAnswer, ApiCall, Transport } from './transport.js';
import type { CallOptions, ConditionalWriteOptions, Receipt } from './types.js';

export interface CallerParts {
  transport: Transport;
  /** Of a call that names none, milliseconds. */
  deadlineMs: number;
  session: SessionToken | null;
}

/** Sends calls under their limits and with their session's token. */
export class Caller {
  readonly #parts: CallerParts;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  get token(): string | null {
    return this.#parts.session?.current ?? null;
  }

  /** The same with a token of its own. */
  forSession(token: string | null): Caller {
    return new Caller({ ...this.#parts, session: new SessionToken(token) });
  }

  async read<T>(call: ApiCall, options: CallOptions): Promise<T> {
    const answer = await this.#limited(options, (limit) => this.#send(readCall(call, options), limit));
    return answer.body as T;
  }

  async write<T>(
    call: ApiCall,
    options: ConditionalWriteOptions,
  ): Promise<T & Receipt & { created: boolean }> {
    const { session } = this.#parts;
    // Made before it waits for its turn: a mistake in it is told at once.
    const prepared = writeCall(call, options);
    const { status, headers, body } = await this.#limited(options, (limit) => {
      const send = (): Promise<ApiAnswer> => this.#send(prepared, limit);
      return session === null ? send() : session.inTurn(limit, send);
    });
    return {
      ...(body as T),
      created: status === 201,
      replayed: headers.get('Idempotency-Replayed') === 'true',
      consistency_token: headers.get('Soma-Consistency-Token'),
    };
  }

  #send(call: ApiCall, limit: CallLimit): Promise<ApiAnswer> {
    const { transport, session } = this.#parts;
    const send = (ready: ApiCall): Promise<ApiAnswer> => transport.send(ready, limit);
    return session === null ? send(call) : session.attached(call, send);
  }

  async #limited<T>(
    { deadlineMs = this.#parts.deadlineMs, signal }: CallOptions,
    run: (limit: CallLimit) => Promise<T>,
  ): Promise<T> {
    const limit = new CallLimit(deadlineMs, signal);
    try {
      return await run(limit);
    } finally {
      limit.end();
    }
  }
}
