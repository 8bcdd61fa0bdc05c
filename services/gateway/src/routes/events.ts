import { formatTime, presentMemory, isSomaError } from '@soma/memory';
import type { Change, ChangesAnswer, ChangesPlace, ChangesRequest } from '@soma/reads';
import type { z } from 'zod';
import { bindingOf, cursorTo, positionIn, type CursorBinding } from '../cursor.js';
import { heldPage, type HeldPage } from '../held-page.js';
import { publicCode } from '../problem.js';
import { apiRoute, type Answer, type ApiRequest, type Route } from '../route.js';
import { eventsAnswer, eventsQuery } from '../schemas/events.js';
import type { OpenStream } from '../streams.js';
import { filtersInQuery, requestedFilter } from './requested-filter.js';
import type { RouteDeps } from './route-deps.js';

export const EVENT_STREAM = 'text/event-stream';

/** Without news a line goes out this often, so that neither side takes the other for dead. */
const HEARTBEAT_MS = 15_000;
/** A token that was revoked meanwhile ends its streams this soon. */
const CHECK_MS = 1_000;
/** Clients wait so long before they come again. */
const RETRY = 'retry: 2000\n\n';

type EventsRequest = ApiRequest<z.output<typeof eventsQuery>, unknown>;

/** What changes in a namespace, as it changes. */
export function eventRoutes(deps: RouteDeps): Route[] {
  return [
    apiRoute({
      method: 'get',
      path: '/events',
      operationId: 'followEvents',
      summary: 'Follow what changes, in order per memory, as server-sent events; one page of it as JSON',
      tag: 'events',
      access: 'read',
      role: 'reader',
      query: eventsQuery,
      headers: ['Last-Event-ID', 'Prefer'],
      answers: {
        200: {
          description: 'Events from now on, or from where they were left; as JSON, those that there are',
          schema: eventsAnswer,
          stream: EVENT_STREAM,
        },
      },
      errors: ['invalid_filter', 'invalid_cursor', 'cursor_expired'],
      handle: (request) => (request.accepted === EVENT_STREAM ? stream(request, deps) : page(request, deps)),
    }),
  ];
}

interface Following extends Omit<ChangesRequest, 'from'> {
  from: ChangesRequest['from'];
  binding: CursorBinding;
}

function followingOf(request: EventsRequest, deps: RouteDeps): Following {
  const { limit, after, since, filters, ...scope } = request.query;
  const filter = requestedFilter({ ...scope, filters: filtersInQuery(filters, deps.limits.json_depth) });
  // Whatever is followed, a place is one in the same log.
  const binding = bindingOf(request, 'followEvents', {}, deps);
  const place = positionIn(request.last_event_id ?? after, binding) as ChangesPlace | null;
  const from = place ?? (since === undefined ? 'now' : { since });
  return { from, filter, limit, binding };
}

async function page(request: EventsRequest, deps: RouteDeps): Promise<Answer> {
  const { binding, ...asked } = followingOf(request, deps);
  const { signal, hold } = request;
  const options = { after: null, waitMs: request.preferences.wait_ms ?? 0, signal, hold };
  const { changes, next } = await deps.reads.changes(request, asked, options);
  const events = changes.map((change) => presentEvent(change, binding));
  return { status: 200, body: { events, next: cursorTo(next, binding) } };
}

/** The first page is read before the answer begins, so that what is wrong is told by its status. */
async function stream(request: EventsRequest, deps: RouteDeps): Promise<Answer> {
  const following = followingOf(request, deps);
  const open = deps.streams.open(request.caller.subject);
  request.onClose(open.release);
  const read = reader(request, following, open, deps);
  const first = await read(following.from, 0);
  request.onClose(first.release);
  return {
    status: 200,
    headers: { 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' },
    content_type: EVENT_STREAM,
    stream: events(first, read, following.binding, open),
  };
}

type Page = HeldPage<ChangesAnswer>;

type ReadPage = (from: ChangesRequest['from'], waitMs: number) => Promise<Page>;

function reader(
  request: EventsRequest,
  { filter, limit }: Following,
  open: OpenStream,
  { reads, admission }: RouteDeps,
): ReadPage {
  return async (from, waitMs) => {
    const done = new AbortController();
    const checking = setInterval(() => {
      request.revalidate().catch((error: unknown) => {
        done.abort(error);
      });
    }, CHECK_MS);
    const signal = AbortSignal.any([request.signal, open.signal, done.signal]);
    try {
      return await heldPage(admission, async (hold) => {
        const options = { after: null, waitMs, signal, hold };
        const answer = await reads.changes(request, { from, filter, limit }, options);
        if (waitMs > 0) await request.revalidate();
        return answer;
      });
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearInterval(checking);
    }
  };
}

async function* events(
  first: Page,
  read: ReadPage,
  binding: CursorBinding,
  open: OpenStream,
): AsyncGenerator<string> {
  let current = first;
  try {
    yield RETRY;
    for (;;) {
      for (const change of current.changes) yield eventLines(presentEvent(change, binding));
      current.release();
      // A client that comes again with the newest id finds its place for longer than with that of an old event.
      if (current.changes.length === 0) yield `: nothing new\nid: ${cursorTo(current.next, binding)}\n\n`;
      open.signal.throwIfAborted();
      current = await read(current.next, HEARTBEAT_MS);
    }
  } catch (error) {
    yield endLines(error);
  } finally {
    current.release();
  }
}

function presentEvent({ state, operation_id, at, place }: Change, binding: CursorBinding) {
  const { coord, version } = state;
  return {
    id: cursorTo(place, binding),
    event: state.deleted ? 'memory.deleted' : 'memory.stored',
    data: {
      coord,
      version,
      memory: state.deleted ? null : presentMemory(state),
      operation_id,
      at: formatTime(at),
    },
  };
}

function eventLines({ id, event, data }: ReturnType<typeof presentEvent>): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Why it ends here; the client goes on from its last id when that may help. */
function endLines(error: unknown): string {
  const code = isSomaError(error) ? publicCode(error.code) : 'internal';
  const retryable = isSomaError(error) && error.retryable;
  return `event: end\ndata: ${JSON.stringify({ code, retryable })}\n\n`;
}
