import { types } from 'node:util';
import { CommandFailed, EXIT } from './exit-codes.js';
import { TOKEN_HINT, type Settings } from './settings.js';

export interface CallOptions {
  /** Undefined values are left out. */
  query?: Record<string, string | number | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, as JSON Lines. */
  lines?: Uint8Array<ArrayBuffer>;
  /** Milliseconds that the answer may take. */
  timeoutMs?: number;
  headers?: Record<string, string>;
  /** A route that needs no token. */
  anonymous?: boolean;
  /** Further statuses whose answers are no refusals. */
  accepts?: readonly number[];
  /** Ends the call. */
  signal?: AbortSignal;
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

interface Problem {
  code?: string;
  detail?: string;
  title?: string;
  errors?: { pointer?: string; parameter?: string; header?: string; detail: string }[];
}

/** Longer than any wait the service grants. */
const TIMEOUT_MS = 60_000;
/** A day: of what goes on as long as there is more. */
const MOST_STREAMED_MS = 86_400_000;
const JSON_LINES = 'application/x-ndjson';

/** A refusal of the service, with its code. */
export class Refused extends CommandFailed {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(EXIT.refused, message);
    this.status = status;
    this.code = code;
  }
}

/** The HTTP interface of one installation. */
export class Api {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** @throws Refused, and CommandFailed when nobody answers or there is no token. */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const response = await this.#fetch(method, path, options);
    const text = await response.text().catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    const body = parse(text);
    const isAccepted = response.ok || options.accepts?.includes(response.status) === true;
    if (!isAccepted) throw this.#refused(response, body);
    if (body === undefined) throw this.#stranger(response.status);
    return { status: response.status, headers: response.headers, body: body as T };
  }

  /** An answer of JSON Lines as it comes. @throws as `call`; and CommandFailed when it is cut */
  async stream(path: string, options: CallOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#fetch('GET', path, { timeoutMs: MOST_STREAMED_MS, ...options });
    if (!response.ok) throw this.#refused(response, parse(await response.text()));
    if (response.headers.get('content-type')?.startsWith(JSON_LINES) !== true || response.body === null)
      throw this.#stranger(response.status);
    return this.#uncut(response.body);
  }

  async *#uncut(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #fetch(method: string, path: string, options: CallOptions): Promise<Response> {
    const { url, token, namespace } = this.#settings;
    if (token === undefined && options.anonymous !== true) throw new CommandFailed(EXIT.usage, TOKEN_HINT);
    const query = Object.entries(options.query ?? {}).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const search = query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
    const sendsToken = token !== undefined && options.anonymous !== true;
    const sendsNamespace = namespace !== undefined && options.anonymous !== true;
    const request: RequestInit = {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([
        AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        ...(options.signal === undefined ? [] : [options.signal]),
      ]),
      headers: {
        ...(sendsToken ? { Authorization: `Bearer ${token.value}` } : {}),
        ...(sendsNamespace ? { 'Soma-Namespace': namespace.value } : {}),
        ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(options.lines === undefined ? {} : { 'Content-Type': JSON_LINES }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.lines === undefined ? {} : { body: options.lines }),
    };
    try {
      return await fetch(`${url.value}${path}${search}`, request);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #unreachable(cause: unknown): CommandFailed {
    const { url } = this.#settings;
    return new CommandFailed(
      EXIT.unreachable,
      `nobody answers at ${url.value} (${reasonOf(cause)}); that address is from ${url.from}.\n` +
        'Start the service (npm start), or say where it is: --url, SOMA_URL.',
      { cause },
    );
  }

  #stranger(status: number): CommandFailed {
    const { url } = this.#settings;
    return new CommandFailed(
      EXIT.unreachable,
      `what answers at ${url.value} (from ${url.from}) is no SomaFractalMemory: ${status} without JSON.`,
    );
  }

  #refused(response: Response, body: unknown): CommandFailed {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Problem;
    const { url, token } = this.#settings;
    if (problem.code === undefined) return this.#stranger(response.status);
    const lines = [`${problem.code}: ${problem.detail ?? problem.title ?? String(response.status)}`];
    for (const { pointer, parameter, header, detail } of problem.errors ?? []) {
      lines.push(`  ${pointer ?? parameter ?? header ?? ''}: ${detail}`);
    }
    if (response.status === 401)
      lines.push(`The token is from ${token?.from ?? 'nowhere'}, for ${url.value}.`);
    if (problem.code === 'route_not_found')
      lines.push(`The service at ${url.value} is older than this soma.`);
    const again = response.headers.get('retry-after');
    if (again !== null) lines.push(`Try again in ${again} s.`);
    return new Refused(response.status, problem.code, lines.join('\n'));
  }
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return 'no reason given';
  const { cause } = error;
  if (!types.isNativeError(cause)) return error.message;
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
}
