import type { JsonObject } from '@soma/memory';
import type { Called, CallOptions, RunningGateway } from '../test/running-gateway.js';

/** A request as the route takes it. */
export interface ExampleRequest {
  method: string;
  target: string;
  body?: JsonObject;
  headers?: Record<string, string>;
}

export function sendExample(
  { call }: Pick<RunningGateway, 'call'>,
  { method, target, body, headers = {} }: ExampleRequest,
  changes: CallOptions & { query?: string } = {},
): Promise<Called> {
  const { query, ...options } = changes;
  const joined = query === undefined ? target : `${target}${target.includes('?') ? '&' : '?'}${query}`;
  return call(method, joined, {
    ...(body === undefined ? {} : { body }),
    ...options,
    headers: { ...headers, ...options.headers },
  });
}

/** What the requests below name is there. */
export async function prepare(
  running: RunningGateway,
): Promise<Record<'token' | 'operation' | 'job' | 'webhook', string>> {
  const { call, workers, jobs, log } = running;
  for (const coord of ['a', 'b', '1,1']) await call('PUT', `/memories/${coord}`, { body: { text: 'tea' } });
  await call('POST', '/graph/links', { body: { from_coord: 'a', to_coord: 'b' } });
  const { json: written } = await call('PUT', '/memories/c', { body: { text: 'tea' } });
  const made = await call('POST', '/admin/tokens', { body: NEW_TOKEN });
  await call('PUT', '/admin/retention/team', { body: { ttl_seconds: 60 } });
  const hook = await call('POST', '/webhooks', { body: NEW_WEBHOOK });
  const { command } = log.taken.at(-1) ?? {};
  const named = { coord: 'c', memory_key: 'c', key: 'default/c', position: 1_000 };
  workers.addLetter({ ...named, value: Buffer.from(JSON.stringify({ ...command, command_id: LETTER })) });
  const job = await jobs.create({ kind: 'verify-index', request: {}, issuer: 'somebody' });
  return {
    token: (made.json['token'] as { token_id: string }).token_id,
    operation: written['operation_id'] as string,
    job: job.job_id,
    webhook: (hook.json['webhook'] as { webhook_id: string }).webhook_id,
  };
}

/** The id that the fake letters bear. */
const LETTER = '4b1c9f6e-7a52-4d0e-9c3b-0d1e2f3a4b5c';
const NEW_WEBHOOK = { url: 'https://example.com/memories' };
const NEW_TOKEN = { description: 'a test', role: 'writer', namespaces: ['team'] };
const JSON_LINES = { 'content-type': 'application/x-ndjson' };
const AS_JSON = { accept: 'application/json' };

/** One a route, by its operationId; `ids` are those of prepare. */
export const EXAMPLES: Record<
  string,
  (
    ids: Awaited<ReturnType<typeof prepare>>,
  ) =>
    | [string, string, JsonObject?, Record<string, string>?]
    | [string, string, undefined, Record<string, string>]
> = {
  storeMemory: () => ['POST', '/memories', { coord: 'new', text: 'tea' }],
  listMemories: () => ['GET', '/memories'],
  replaceMemory: () => ['PUT', '/memories/new', { text: 'tea' }],
  patchMemory: () => ['PATCH', '/memories/a', { importance: 1 }],
  deleteMemory: () => ['DELETE', '/memories/a'],
  getMemory: () => ['GET', '/memories/a'],
  getMemories: () => ['POST', '/memories/get', { coords: ['a'] }],
  getRange: () => ['GET', '/memories/range?min=0,0&max=2,2'],
  countMemories: () => ['POST', '/memories/count', {}],
  getMemoryHistory: () => ['GET', '/memories/a/history'],
  listNamespaces: () => ['GET', '/namespaces'],
  writeBatch: () => ['POST', '/memories/batch', { operations: [{ op: 'put', coord: 'new', text: 'tea' }] }],
  storeMessages: () => ['POST', '/memories/messages', { messages: [{ role: 'user', content: 'tea' }] }],
  deleteMemories: () => ['POST', '/memories/delete', { user_id: 'ada' }],
  searchMemories: () => ['POST', '/memories/search', { query: 'tea' }],
  searchMemoriesByQuery: () => ['GET', '/memories/search?query=tea'],
  linkMemories: () => ['POST', '/graph/links', { from_coord: 'b', to_coord: 'c' }],
  unlinkMemories: () => ['DELETE', '/graph/links?from_coord=a&to_coord=b'],
  getNeighbors: () => ['GET', '/graph/neighbors?coord=a'],
  getPath: () => ['GET', '/graph/path?from_coord=a&to_coord=b'],
  getOperation: ({ operation }) => ['GET', `/operations/${operation}`],
  followEvents: () => ['GET', '/events?since=2000-01-01T00:00:00Z', undefined, AS_JSON],
  exportMemories: () => ['GET', '/admin/export'],
  importMemories: () => ['POST', '/admin/import', { coord: 'new', text: 'tea' }, JSON_LINES],
  createWebhook: () => ['POST', '/webhooks', NEW_WEBHOOK],
  listWebhooks: () => ['GET', '/webhooks'],
  getWebhook: ({ webhook }) => ['GET', `/webhooks/${webhook}`],
  changeWebhook: ({ webhook }) => ['PATCH', `/webhooks/${webhook}`, { paused: true }],
  deleteWebhook: ({ webhook }) => ['DELETE', `/webhooks/${webhook}`],
  rotateWebhook: ({ webhook }) => ['POST', `/webhooks/${webhook}/rotate`, {}],
  listDeliveries: ({ webhook }) => ['GET', `/webhooks/${webhook}/deliveries`],
  retryDeliveries: ({ webhook }) => ['POST', `/webhooks/${webhook}/deliveries/retry`, {}],
  listDeadLetters: () => ['GET', '/admin/dead-letters'],
  getDeadLetter: () => ['GET', '/admin/dead-letters/1'],
  redriveDeadLetter: () => ['POST', '/admin/dead-letters/1/redrive', {}],
  discardDeadLetter: () => ['POST', '/admin/dead-letters/1/discard'],
  eraseMemories: () => ['POST', '/admin/erase', { namespace: 'team', coord: 'a' }],
  checkErased: () => ['POST', '/admin/erase/check', { namespace: 'team', coord: 'a' }],
  createToken: () => ['POST', '/admin/tokens', NEW_TOKEN],
  listTokens: () => ['GET', '/admin/tokens'],
  getToken: ({ token }) => ['GET', `/admin/tokens/${token}`],
  rotateToken: ({ token }) => ['POST', `/admin/tokens/${token}/rotate`, {}],
  revokeToken: ({ token }) => ['POST', `/admin/tokens/${token}/revoke`],
  listAudit: () => ['GET', '/admin/audit'],
  listQuotas: () => ['GET', '/admin/quotas'],
  getQuota: () => ['GET', '/admin/quotas/team'],
  setQuota: () => ['PUT', '/admin/quotas/team', { memories: 10 }],
  removeQuota: () => ['DELETE', '/admin/quotas/team'],
  verifyProjection: () => ['POST', '/admin/verify', { projection: 'index' }],
  rebuildProjection: () => ['POST', '/admin/rebuild', { projection: 'index' }],
  listJobs: () => ['GET', '/admin/jobs'],
  getJob: ({ job }) => ['GET', `/admin/jobs/${job}`],
  cancelJob: ({ job }) => ['POST', `/admin/jobs/${job}/cancel`],
  reindex: () => ['POST', '/admin/reindex', { embedder: 'hash' }],
  rollBackReindex: () => ['POST', '/admin/reindex/rollback'],
  finishReindex: () => ['POST', '/admin/reindex/finish'],
  listRetention: () => ['GET', '/admin/retention'],
  getRetention: () => ['GET', '/admin/retention/team'],
  setRetention: () => ['PUT', '/admin/retention/team', { ttl_seconds: 60 }],
  removeRetention: () => ['DELETE', '/admin/retention/team'],
  tryRetention: () => ['POST', '/admin/retention/team/try', { ttl_seconds: 60 }],
  acceptLog: () => ['POST', '/admin/log/accept'],
  getRoot: () => ['GET', '/'],
  ping: () => ['GET', '/ping'],
  getHealth: () => ['GET', '/health'],
  getHealthz: () => ['GET', '/healthz'],
  getReadiness: () => ['GET', '/readyz'],
  getStats: () => ['GET', '/stats'],
  getMetrics: () => ['GET', '/metrics'],
  getOpenApi: () => ['GET', '/openapi.json'],
  getDocs: () => ['GET', '/docs'],
};
