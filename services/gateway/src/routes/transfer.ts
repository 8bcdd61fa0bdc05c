import { formatTime, type ListPosition, type Memory } from '@soma/memory';
import type { ListAnswer, ListRequest } from '@soma/reads';
import type { z } from 'zod';
import { bindingOf, cursorTo, positionIn } from '../cursor.js';
import { heldPage, type HeldPage } from '../held-page.js';
import { apiRoute, type Answer, type ApiRequest, type Route } from '../route.js';
import { exportQuery, importAnswer, importQuery } from '../schemas/transfer.js';
import { importLines } from '../transfer/import-lines.js';
import { readLines } from '../transfer/read-lines.js';
import { RequestRefused } from '../refusal.js';
import { filtersInQuery, requestedFilter } from './requested-filter.js';
import type { RouteDeps } from './route-deps.js';

const JSON_LINES = 'application/x-ndjson';

/** Memories read at one time. */
const PAGE = 200;

/** All memories of a namespace out of it, and into one, a line each. */
export function transferRoutes(deps: RouteDeps): Route[] {
  return [exportMemories(deps), importMemories(deps)];
}

function exportMemories(deps: RouteDeps): Route {
  return apiRoute({
    method: 'get',
    path: '/admin/export',
    operationId: 'exportMemories',
    summary: 'The memories of a namespace as JSON Lines that an import takes, each once while others write',
    tag: 'admin',
    access: 'admin',
    role: 'admin',
    isAdminAct: () => true,
    query: exportQuery,
    headers: [],
    answers: {
      200: {
        description:
          'A memory a line, by coord. After every page a line with its next_cursor; the last one is null when all were sent',
        content_type: JSON_LINES,
      },
    },
    errors: ['invalid_filter', 'invalid_cursor'],
    handle: (request) => exported(request, deps),
  });
}

type ExportRequest = ApiRequest<z.output<typeof exportQuery>, unknown>;

/** The first page is read before the answer begins, so that what is wrong is told by its status. */
async function exported(request: ExportRequest, deps: RouteDeps): Promise<Answer> {
  const { cursor, filters, ...scope } = request.query;
  const filter = requestedFilter({ ...scope, filters: filtersInQuery(filters, deps.limits.json_depth) });
  const binding = bindingOf(request, 'exportMemories', filter, deps);
  const read = pageReader(
    request,
    { filter, order: 'coord', direction: 'asc', since: null, until: null },
    deps,
  );
  const first = await read(positionIn(cursor, binding) as ListPosition | null);
  request.onClose(() => {
    first.release();
  });
  return {
    status: 200,
    content_type: JSON_LINES,
    headers: { 'Cache-Control': 'no-store, no-transform' },
    stream: linesOf(first, read, (next) => cursorTo(next, binding)),
  };
}

type Page = HeldPage<ListAnswer>;

type ReadPage = (after: ListPosition | null) => Promise<Page>;

function pageReader(
  request: ExportRequest,
  asked: Omit<ListRequest, 'after' | 'limit'>,
  { reads, admission }: RouteDeps,
): ReadPage {
  return async (after) => {
    if (admission.stopping) throw new RequestRefused('shutting_down', 'this process is stopping');
    await request.revalidate();
    const { signal } = request;
    return heldPage(admission, (hold) =>
      reads.list(request, { ...asked, after, limit: PAGE }, { after: null, waitMs: 0, signal, hold }),
    );
  };
}

/** A failure on the way cuts the connection: half an export must not look like a whole one. */
async function* linesOf(
  first: Page,
  read: ReadPage,
  cursorOf: (next: ListPosition) => string,
): AsyncGenerator<string> {
  let page = first;
  try {
    for (;;) {
      const next_cursor = page.next === null ? null : cursorOf(page.next);
      yield [...page.memories.map(lineOf), { next_cursor }]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('');
      page.release();
      if (page.next === null) return;
      page = await read(page.next);
    }
  } finally {
    page.release();
  }
}

/** What `POST /memories` takes; what is not set is left out. */
function lineOf(memory: Memory): Record<string, unknown> {
  const { coord, payload, text, text_given, tags, importance, occurred_at, expires_at } = memory;
  const { memory_type, user_id, agent_id, thread_id, actor } = memory;
  const optional = { user_id, agent_id, thread_id, actor };
  return {
    coord,
    payload,
    ...(text_given ? { text } : {}),
    memory_type,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
    ...(tags.length > 0 ? { tags } : {}),
    importance,
    ...(occurred_at === null ? {} : { occurred_at: formatTime(occurred_at) }),
    ...(expires_at === null ? {} : { expires_at: formatTime(expires_at) }),
  };
}

function importMemories(deps: RouteDeps): Route {
  return apiRoute({
    method: 'post',
    path: '/admin/import',
    operationId: 'importMemories',
    summary: 'Store a memory for each of any number of JSON Lines; a bad line spoils no other',
    tag: 'admin',
    access: 'admin',
    role: 'admin',
    isAdminAct: () => true,
    query: importQuery,
    body: { schema: deps.writes.memory, media_types: [JSON_LINES, 'application/jsonl'], streamed: true },
    headers: ['Idempotency-Key', 'Soma-Consistency-Token'],
    answers: { 200: { description: 'What became of the lines', schema: importAnswer } },
    errors: ['invalid_consistency_token', 'unsupported_media_type'],
    handle: async (request) => {
      const { SOMA_MAX_BODY_BYTES, SOMA_REQUEST_TIMEOUT } = deps.settings;
      const lines = readLines(request.content, {
        maxLineBytes: SOMA_MAX_BODY_BYTES,
        idleMs: SOMA_REQUEST_TIMEOUT * 1_000,
      });
      const { token, ...told } = await importLines(lines, request, deps);
      const headers = token === null ? {} : { 'Soma-Consistency-Token': token };
      return { status: 200, headers, body: told };
    },
  });
}
