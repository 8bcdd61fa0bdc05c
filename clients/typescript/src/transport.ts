import type { CallLimit } from './call-limit.js';
import { errorOfAnswer, SomaError, unexpectedAnswer } from './errors.js';
import { pauseAfter, type RetryOptions } from './retry.js';

/** One call of the API, before it is sent. Undefined values are left out. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string | undefined>;
  /** Seconds that the service was asked to wait. */
  waitSeconds?: number | undefined;
  /** Answers with the body as a ReadableStream, once it begins. */
  streamed?: boolean;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface TransportOptions {
  /** Without a slash at its end. */
  url: string;
  token: () => string | Promise<string>;
  namespace: string | undefined;
  retry: RetryOptions;
  fetch: typeof fetch;
}

/** What every attempt of a call sends, made once: the service tells by it that they are the same request. */
interface Prepared {
  url: string;
  method: string;
  headers: Headers;
  body: string | undefined;
  attemptMs: number;
  streamed: boolean;
}

/** What the service waits for a write unless asked, seconds. */
const DEFAULT_WAIT_SECONDS = 5;

/** Sends calls, again where that may help. Every call sent here is safe to repeat: writes carry an Idempotency-Key. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** @throws SomaError, and what the caller's signal was aborted with */
  async send(call: ApiCall, limit: CallLimit): Promise<ApiAnswer> {
    const prepared = await this.#prepare(call, limit);
    const { retry } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#try(prepared, limit);
      if (!(answer instanceof SomaError)) return answer;
      const pause = pauseAfter(attempt, answer, retry);
      // A pause that outlasts the deadline would only tell the same later.
      if (!answer.retryable || attempt >= retry.attempts || pause >= limit.left) throw answer;
      await limit.pause(pause);
    }
  }

  async #prepare(call: ApiCall, limit: CallLimit): Promise<Prepared> {
    const { method, path, query, body, headers, waitSeconds, streamed = false } = call;
    const { url, token, namespace, retry } = this.#options;
    const secret = await limit.within(Promise.resolve(token()));
    const all = {
      Authorization: `Bearer ${secret}`,
      Accept: streamed ? 'application/x-ndjson' : 'application/json',
      'Soma-Namespace': namespace,
      'Content-Type': body === undefined ? undefined : 'application/json',
      Prefer: waitSeconds === undefined ? undefined : `wait=${waitSeconds}`,
      ...headers,
    };
    const target = `${url}${path}${queryString(query)}`;
    const waits = waitSeconds ?? DEFAULT_WAIT_SECONDS;
    return {
      url: target,
      method,
      headers: new Headers(defined(all)),
      body: body === undefined ? undefined : JSON.stringify(body),
      attemptMs: retry.attemptMs + waits * 1000,
      streamed,
    };
  }

  /** One attempt. What a further one may mend comes back as a value. @throws why the call is over, when it is */
  async #try(
    { url, attemptMs, body, streamed, ...init }: Prepared,
    limit: CallLimit,
  ): Promise<ApiAnswer | SomaError> {
    // Called without an object before it: browsers refuse their fetch any other `this`.
    const { fetch } = this.#options;
    const request: RequestInit = { ...init, ...(body === undefined ? {} : { body }), redirect: 'manual' };
    try {
      return await limit.attempt(attemptMs, async (signal) => {
        const response = await fetch(url, { ...request, signal });
        if (streamed && response.ok && response.body !== null)
          return { status: response.status, headers: response.headers, body: response.body };
        return answerOf(response, await response.text());
      });
    } catch (cause) {
      limit.check();
      return new SomaError(reasonOf(cause), { code: 'unreachable', status: null, retryable: true, cause });
    }
  }
}

function answerOf({ ok, status, headers }: Response, text: string): ApiAnswer | SomaError {
  const body = parse(text);
  if (!ok) return errorOfAnswer(status, headers, body);
  // Every answer of the API is an object.
  return typeof body === 'object' && body !== null ? { status, headers, body } : unexpectedAnswer(status);
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function queryString(query: ApiCall['query'] = {}): string {
  const given = Object.entries(defined(query)).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function defined<T>(record: Record<string, T | undefined>): Record<string, T> {
  const entries = Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

/** fetch says only that it failed; in Node, why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
