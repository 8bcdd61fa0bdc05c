import { ERROR_CODES, SomaError, type ErrorCode } from '@soma/memory';
import type { NamespaceRead, ReadOptions, Reads } from '../port.js';
import type { Method, SentCall, SentError } from './protocol.js';

export interface HttpReadsConfig {
  /** Base URL of the query service. */
  url: string;
  /** The shared secret of the internal ports. */
  token: string;
  /** Bounds a call beyond the time it may wait for consistency, milliseconds. */
  timeoutMs: number;
}

/** Reads over HTTP. No answer is query_unavailable; refusals come back as the errors they were. */
export function createHttpReads(config: HttpReadsConfig): Reads {
  const call = async <T>(method: Method, sent: SentCall, options?: ReadOptions): Promise<T> => {
    const deadline = AbortSignal.timeout(config.timeoutMs + (options?.waitMs ?? 0));
    const signal = options?.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    const response = await send(method, sent, signal);
    if (response.ok) return (await held(response, options).json()) as T;
    throw await refusalOf(response);
  };

  const send = async (method: Method, sent: SentCall, signal: AbortSignal): Promise<Response> => {
    try {
      return await fetch(new URL(`/reads/${method}`, config.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${config.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(sent),
        signal,
      });
    } catch (error) {
      throw new SomaError('query_unavailable', 'the query service does not answer', { cause: error });
    }
  };

  const read = <Name extends NamespaceRead>(method: Name): Reads[Name] =>
    ((namespace: string, request: unknown, options: ReadOptions) => {
      const { after, waitMs } = options;
      return call(method, { namespace, request, options: { after, waitMs } }, options);
    }) as Reads[Name];
  return {
    get: read('get'),
    list: read('list'),
    range: read('range'),
    count: read('count'),
    history: read('history'),
    past: read('past'),
    changes: read('changes'),
    search: read('search'),
    neighbors: read('neighbors'),
    path: read('path'),
    namespaces: (request) => call('namespaces', { request }),
    totals: () => call('totals', {}),
    health: () => call('health', {}),
  };
}

/** The answer says how long it is, so that it is refused before it is read. */
function held(response: Response, options: ReadOptions | undefined): Response {
  try {
    options?.hold?.(Number(response.headers.get('content-length') ?? 0));
    return response;
  } catch (error) {
    response.body?.cancel().catch(() => undefined);
    throw error;
  }
}

async function refusalOf(response: Response): Promise<SomaError> {
  const sent = (await response.json().catch(() => undefined)) as SentError | undefined;
  if (sent !== undefined && Object.hasOwn(ERROR_CODES, sent.code))
    return new SomaError(sent.code as ErrorCode, sent.message);
  return new SomaError('query_unavailable', `the query service answered ${response.status}`);
}
