import { randomUUID } from 'node:crypto';

/** What a fault asks of the API in a namespace of its own. */
export interface OwnAnswer {
  /** 0: no answer came. */
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

export class OwnClient {
  readonly #target: { url: string; token: string };
  readonly #namespace: string;

  /** @param namespace begins with `own-`: the workload's model leaves it alone */
  constructor(target: { url: string; token: string }, namespace: `own-${string}`) {
    this.#target = target;
    this.#namespace = namespace;
  }

  async ask(
    method: string,
    path: string,
    body?: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<OwnAnswer> {
    const { url, token } = this.#target;
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'soma-namespace': this.#namespace,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      return { status: answer.status, body: parsed, headers: answer.headers };
    } catch {
      return { status: 0, body: {}, headers: new Headers() };
    }
  }

  /** The first of the answers that has one of these statuses, asked again until then with one Idempotency-Key. */
  async until(
    statuses: readonly number[],
    method: string,
    path: string,
    body?: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<OwnAnswer> {
    const key: Record<string, string> = method === 'GET' ? {} : { 'idempotency-key': randomUUID() };
    let last: OwnAnswer | undefined;
    for (const deadline = performance.now() + 60_000; performance.now() < deadline;) {
      last = await this.ask(method, path, body, { ...key, ...headers });
      if (statuses.includes(last.status)) return last;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const code = JSON.stringify(last?.body['code'] ?? '');
    throw new Error(
      `${method} ${path} was answered ${String(last?.status)} ${code}, not ${statuses.join(' or ')}`,
    );
  }
}
