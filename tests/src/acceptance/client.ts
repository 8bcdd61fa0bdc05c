import { randomBytes } from 'node:crypto';
import type { JsonObject, JsonValue } from '@soma/memory';
import type { MemoryAnswer, SearchAnswer, WriteResult } from './answers.js';

export interface Answer<T> {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else null. */
  body: T;
  text: string;
}

/** Null removes a header that would be sent. */
export type SentHeaders = Record<string, string | null>;

export interface CallOptions {
  json?: JsonValue;
  /** Sent as it is, as application/json unless the headers say otherwise. */
  raw?: string | Uint8Array<ArrayBuffer>;
  headers?: SentHeaders;
}

/** Where the system under test is. */
export interface Target {
  url: string;
  token: string;
}

/** The system that the global setup started. */
export function target(): Target {
  return { url: required('SOMA_ACCEPTANCE_URL'), token: required('SOMA_ACCEPTANCE_TOKEN') };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this test belongs to the acceptance project`);
  return value;
}

/** Calls the API inside one namespace, of its own unless one is given. */
export class Client {
  readonly namespace: string;
  readonly #target: Target;

  constructor(options: { namespace?: string; target?: Target } = {}) {
    this.namespace = options.namespace ?? `t-${randomBytes(8).toString('hex')}`;
    this.#target = options.target ?? target();
  }

  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const body = options.raw ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
    const headers: SentHeaders = {
      Authorization: `Bearer ${this.#target.token}`,
      'Soma-Namespace': this.namespace,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...options.headers,
    };
    const response = await fetch(`${this.#target.url}${path}`, {
      method,
      headers: Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : null) as T,
      text,
    };
  }

  /** PUT of a memory; `query` as in `?until=indexed`. */
  put(coord: string, memory: JsonObject, options: CallOptions & { query?: string } = {}) {
    const path = `/memories/${encodeURIComponent(coord)}${options.query ?? ''}`;
    return this.call<WriteResult>('PUT', path, { json: memory, ...options });
  }

  /** PUT of a payload with only a text, found by searches when it resolves. */
  async remember(coord: string, text: string, attributes: JsonObject = {}): Promise<void> {
    const waiting = { query: '?until=indexed', headers: { Prefer: 'wait=30' } };
    const { status } = await this.put(coord, { payload: { text }, ...attributes }, waiting);
    if (status !== 201 && status !== 200) throw new Error(`${coord} was not indexed: ${status}`);
  }

  async get(coord: string, headers: SentHeaders = {}) {
    const path = `/memories/${encodeURIComponent(coord)}`;
    return this.call<{ memory: MemoryAnswer }>('GET', path, { headers });
  }

  delete(coord: string, query = '') {
    return this.call<WriteResult>('DELETE', `/memories/${encodeURIComponent(coord)}${query}`);
  }

  search(request: JsonObject, headers: SentHeaders = {}) {
    return this.call<SearchAnswer>('POST', '/memories/search', { json: request, headers });
  }
}

/** Coords of a search's hits, best first. */
export function coordsOf(answer: Answer<SearchAnswer>): string[] {
  return answer.body.memories.map(({ coord }) => coord);
}

/** The consistency token of a write's answer. */
export function tokenOf(answer: Answer<unknown>): string {
  return answer.headers.get('soma-consistency-token') ?? '';
}
