import type { JsonValue } from '@soma/memory';

export interface HttpTarget {
  url: string;
  token: string;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, as they go on the wire. */
  path: string;
  namespace: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** Null when the body is no JSON. */
  body: JsonValue;
}

/** Longer than any wait that a request asks for and any deadline of the service. */
const TIMEOUT_MS = 25_000;

/** @returns undefined when no whole answer came: whether the request was carried out is unknown */
export async function send(target: HttpTarget, request: HttpRequest): Promise<HttpAnswer | undefined> {
  try {
    const response = await fetch(`${target.url}${request.path}`, {
      method: request.method,
      headers: {
        Authorization: `Bearer ${target.token}`,
        'Soma-Namespace': request.namespace,
        ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...request.headers,
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  } catch {
    return undefined;
  }
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}

/** The `code` of a problem document, else the status. */
export function codeOf({ status, body }: HttpAnswer): string {
  const code = isRecord(body) ? body['code'] : undefined;
  return typeof code === 'string' ? code : String(status);
}

/** Empty when it is no text. */
export function textIn(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function isRecord(value: JsonValue | undefined): value is { [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
