import { formatOptionalTime } from '@soma/memory';
import type { NamespaceQuota } from '@soma/memory-store';
import { RequestRefused } from '../refusal.js';
import { adminRoute, type Route } from '../route.js';
import { quotaAnswer, quotaBody, quotasAnswer, quotasQuery } from '../schemas/quotas.js';
import { noQuery } from '../schemas/reads.js';
import { cursorAfter, idOfCursor, NAMESPACE_FORM, pageOf } from './page-cursor.js';
import { JSON_ONLY, namespaceIn, type AdminRouteDeps } from './route-deps.js';

/** Writers read them all every second. */
const MOST_QUOTAS = 10_000;

/** How much namespaces may hold, and how much they do. */
export function quotaRoutes(deps: AdminRouteDeps): Route[] {
  return [listQuotas(deps), getQuota(deps), setQuota(deps), removeQuota(deps)];
}

function listQuotas({ quotas }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/quotas',
    operationId: 'listQuotas',
    summary: 'Namespaces that have a quota, with what they hold',
    query: quotasQuery,
    answers: { 200: { description: 'One page', schema: quotasAnswer } },
    errors: ['invalid_cursor'],
    handle: async ({ query: { limit, cursor } }) => {
      const after = idOfCursor(cursor, [], NAMESPACE_FORM);
      const found = await quotas.list({ after, limit: limit + 1 });
      const { page, next_cursor } = pageOf(found, limit, ({ namespace }) => cursorAfter(namespace, []));
      return { status: 200, body: { quotas: page.map(presentQuota), next_cursor } };
    },
  });
}

function getQuota({ quotas }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/quotas/{namespace}',
    operationId: 'getQuota',
    summary: 'What a namespace holds, and may hold',
    query: noQuery,
    answers: { 200: { description: 'A limit of null: any number', schema: quotaAnswer } },
    errors: [],
    handle: async ({ params }) => ({
      status: 200,
      body: { quota: presentQuota(await quotas.get(namespaceIn(params))) },
    }),
  });
}

function setQuota({ quotas }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'put',
    path: '/admin/quotas/{namespace}',
    operationId: 'setQuota',
    summary: 'Say how much a namespace may hold; it counts within a second, and what is there stays',
    query: noQuery,
    body: { schema: quotaBody, media_types: JSON_ONLY },
    answers: { 200: { description: 'The quota from now on', schema: quotaAnswer } },
    errors: ['quota_exceeded', 'unsupported_media_type'],
    handle: async ({ params, body, caller }) => {
      const namespace = namespaceIn(params);
      const quota = await quotas.set({ namespace, ...body, by: caller.subject }, MOST_QUOTAS);
      if (quota === undefined)
        throw new RequestRefused('quota_exceeded', `${MOST_QUOTAS} namespaces have a quota, and no more may`);
      return { status: 200, body: { quota: presentQuota(quota) } };
    },
  });
}

function removeQuota({ quotas }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'delete',
    path: '/admin/quotas/{namespace}',
    operationId: 'removeQuota',
    summary: 'Let a namespace hold any number again',
    query: noQuery,
    answers: { 200: { description: 'There is no quota any more', schema: quotaAnswer } },
    errors: [],
    handle: async ({ params }) => {
      const namespace = namespaceIn(params);
      await quotas.remove(namespace);
      return { status: 200, body: { quota: presentQuota(await quotas.get(namespace)) } };
    },
  });
}

function presentQuota({
  namespace,
  memories,
  bytes,
  used,
  changed_at,
  changed_by,
}: NamespaceQuota): Record<string, unknown> {
  return {
    namespace,
    memories: { limit: memories, used: used.memories },
    bytes: { limit: bytes, used: used.bytes },
    changed_at: formatOptionalTime(changed_at),
    changed_by,
  };
}
