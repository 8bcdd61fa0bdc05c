import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ApiOptions {
  url: string;
  token: string;
  namespace: string;
}

/** Where the service runs and its token, as `npm start` and `npm run cluster` leave them. */
export function runningService(env: NodeJS.ProcessEnv): { url: string; token: string } {
  return {
    url: env['SOMA_API_URL'] ?? 'http://127.0.0.1:40020',
    token: env['SOMA_API_TOKEN'] ?? tokenInDataFolder(env),
  };
}

function tokenInDataFolder(env: NodeJS.ProcessEnv): string {
  const file = join(env['SOMA_DATA_DIR'] ?? 'data', 'api-token');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Error(
      `There is no token: SOMA_API_TOKEN is not set and ${file} cannot be read. Is the service started (npm start)?`,
      {
        cause,
      },
    );
  }
}

export interface Reply<T> {
  body: T;
  headers: Headers;
}

/** An answer of 4xx or 5xx. */
export class ApiError extends Error {
  readonly status: number;
  /** When the service asks to be tried again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, response: Response) {
    super(message);
    this.status = response.status;
    const retryAfter = response.headers.get('retry-after');
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
  }
}

/** The REST API in one namespace. Any answer of 4xx or 5xx rejects with an ApiError that has its problem's detail. */
export class ApiClient {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async call<T>(
    method: string,
    path: string,
    json?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply<T>> {
    const { url, token, namespace } = this.#options;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Soma-Namespace': namespace,
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    }).catch((cause: unknown) => {
      throw new Error(
        `Nothing answers at ${url}; start it with npm start, or say where it is by SOMA_API_URL.`,
        { cause },
      );
    });
    const body = (await response.json()) as T & { code?: string; detail?: string };
    if (response.status >= 400)
      throw new ApiError(
        `${method} ${path}: ${response.status} ${body.code ?? ''}: ${body.detail ?? ''}`,
        response,
      );
    return { body, headers: response.headers };
  }
}
