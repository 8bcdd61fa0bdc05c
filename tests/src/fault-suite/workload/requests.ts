import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '@soma/memory';
import { UNCONDITIONAL, type Asked, type AskedConditions } from '../history/history.js';
import type { HttpRequest } from './http-client.js';

/** A call that writes, with the commands it is made of. Sent again unchanged, it is the same call. */
export interface WriteCall {
  request: HttpRequest;
  asked: readonly Asked[];
  idempotency_key: string | null;
  batch: boolean;
}

export type Draft = Pick<
  Asked,
  'n' | 'type' | 'namespace' | 'key' | 'coord' | 'content' | 'to_key' | 'link_type'
> & {
  /** Of links. */
  to_coord?: string;
  conditions?: AskedConditions;
  /** If-Match as sent. */
  if_match?: string;
  if_none_match?: string;
};

export interface CallOptions {
  idempotency_key: string | null;
  until: 'accepted' | 'stored' | 'indexed' | null;
  /** Seconds; null: not said. */
  wait: number | null;
}

export function singleCall(draft: Draft, options: CallOptions): WriteCall {
  const { method, path, body } = wireOf(draft, options.until);
  const headers = {
    ...headersOf(options),
    ...(draft.if_match === undefined ? {} : { 'If-Match': draft.if_match }),
    ...(draft.if_none_match === undefined ? {} : { 'If-None-Match': draft.if_none_match }),
  };
  const hash = requestHash({ method, path, ...draft }, body);
  return {
    request: { method, path, namespace: draft.namespace, headers, ...(body === '' ? {} : { body }) },
    asked: [askedOf(draft, options, hash)],
    idempotency_key: options.idempotency_key,
    batch: false,
  };
}

/** Drafts of one namespace, each of another memory: which row belongs to which is then plain. */
export function batchCall(drafts: readonly Draft[], options: CallOptions): WriteCall {
  const path = `/memories/batch${queryOf(options.until)}`;
  const body = JSON.stringify({ operations: drafts.map(batchItem) });
  const hash = requestHash({ method: 'POST', path }, body);
  return {
    request: {
      method: 'POST',
      path,
      namespace: drafts[0]?.namespace ?? '',
      headers: headersOf(options),
      body,
    },
    asked: drafts.map((draft) => askedOf(draft, options, hash)),
    idempotency_key: options.idempotency_key,
    batch: true,
  };
}

type Wire = Pick<HttpRequest, 'method' | 'path'> & { body: string };

function wireOf(draft: Draft, until: CallOptions['until']): Wire {
  const path = `/memories/${encodeURIComponent(draft.coord)}${queryOf(until)}`;
  switch (draft.type) {
    case 'put':
      return { method: 'PUT', path, body: JSON.stringify(draft.content) };
    case 'patch':
      return { method: 'PATCH', path, body: JSON.stringify(draft.content) };
    case 'delete':
      return { method: 'DELETE', path, body: '' };
    case 'link': {
      const ends = { from_coord: draft.coord, to_coord: draft.to_coord ?? '', type: draft.link_type ?? '' };
      return {
        method: 'POST',
        path: `/graph/links${queryOf(until)}`,
        body: JSON.stringify({ ...ends, ...draft.content }),
      };
    }
    case 'unlink': {
      const query = new URLSearchParams({
        from_coord: draft.coord,
        to_coord: draft.to_coord ?? '',
        type: draft.link_type ?? '',
        ...(until === null ? {} : { until }),
      });
      return { method: 'DELETE', path: `/graph/links?${query.toString()}`, body: '' };
    }
  }
}

function batchItem(draft: Draft): JsonValue {
  const { conditions = UNCONDITIONAL } = draft;
  const version = conditions.if_match?.[0]?.version;
  return {
    op: draft.type,
    coord: draft.coord,
    ...(draft.type === 'delete' ? {} : draft.content),
    ...(conditions.if_absent ? { if_absent: true } : {}),
    ...(version === undefined ? {} : { if_version: version }),
  } satisfies JsonObject;
}

function queryOf(until: CallOptions['until']): string {
  return until === null ? '' : `?until=${until}`;
}

function headersOf({ idempotency_key, wait }: CallOptions): Record<string, string> {
  return {
    ...(idempotency_key === null ? {} : { 'Idempotency-Key': idempotency_key }),
    ...(wait === null ? {} : { Prefer: wait === 0 ? 'respond-async' : `wait=${wait}` }),
  };
}

function askedOf(draft: Draft, options: CallOptions, hash: string): Asked {
  const { n, type, namespace, key, coord, to_key, link_type, content, conditions = UNCONDITIONAL } = draft;
  return {
    n,
    source: 'http',
    type,
    namespace,
    key,
    coord,
    ...(to_key === undefined ? {} : { to_key }),
    ...(link_type === undefined ? {} : { link_type }),
    content,
    conditions,
    idempotency_key: options.idempotency_key,
    request_hash: hash,
    command_id: null,
    started: 0,
    ended: null,
    told: { outcome: 'unknown' },
  };
}

/** SHA-256 over method, target, conditions and body as sent: how an operation is known whose id nobody was told. */
function requestHash(
  asked: { method: string; path: string; if_match?: string; if_none_match?: string },
  body: string,
): string {
  const head = [asked.method, asked.path, asked.if_match ?? null, asked.if_none_match ?? null];
  return createHash('sha256')
    .update(`${JSON.stringify(head)}\n${body}`)
    .digest('hex');
}
