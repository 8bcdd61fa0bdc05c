import { formatOptionalTime, formatTime } from '@soma/memory';
import type { Act } from '@soma/access';
import { adminRoute, type Route } from '../route.js';
import { auditAnswer, auditQuery } from '../schemas/audit.js';
import { cursorAfter, numberOfCursor, pageOf } from './page-cursor.js';
import type { AdminRouteDeps } from './route-deps.js';

/** Who did what, when and from where. */
export function auditRoutes({ audit }: AdminRouteDeps): Route[] {
  return [
    adminRoute({
      method: 'get',
      path: '/admin/audit',
      operationId: 'listAudit',
      summary:
        'What operators did, newest first; a status of null is of an act that is under way or was cut short',
      query: auditQuery,
      answers: { 200: { description: 'One page', schema: auditAnswer } },
      errors: ['invalid_cursor'],
      handle: async ({ query }) => {
        const { subject = null, action = null, since = null, limit, cursor } = query;
        const asked = [subject, action, since];
        const before = numberOfCursor(cursor, asked);
        const found = await audit.list({ subject, action, since, before, limit: limit + 1 });
        const { page, next_cursor } = pageOf(found, limit, ({ id }) => cursorAfter(id, asked));
        return { status: 200, body: { acts: page.map(presentAct), next_cursor } };
      },
    }),
  ];
}

function presentAct(act: Act): Record<string, unknown> {
  return { ...act, at: formatTime(act.at), finished_at: formatOptionalTime(act.finished_at) };
}
