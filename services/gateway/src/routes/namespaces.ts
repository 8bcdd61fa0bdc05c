import { cursorTo, positionIn } from '../cursor.js';
import { callerRoute, type Route } from '../route.js';
import { namespacesAnswer, namespacesQuery } from '../schemas/listing.js';
import { pageOf } from './page-cursor.js';
import type { RouteDeps } from './route-deps.js';

/** Where the caller may go. */
export function listNamespaces(deps: RouteDeps): Route {
  return callerRoute({
    method: 'get',
    path: '/namespaces',
    operationId: 'listNamespaces',
    summary: 'The namespaces that the token may enter and that hold something, and its default one',
    tag: 'memories',
    access: 'read',
    role: 'reader',
    query: namespacesQuery,
    headers: [],
    answers: { 200: { description: 'One page, in one order', schema: namespacesAnswer } },
    errors: ['invalid_cursor'],
    handle: async ({ query: { limit, cursor }, caller }) => {
      const installation = deps.installation.current();
      const binding = { installation, namespace: null, operation: 'listNamespaces', query: {} };
      const after = positionIn(cursor, binding) as string | null;
      // One more than the page tells whether there is a next one.
      const found = await deps.reads.namespaces(caller, { after, limit: limit + 1 });
      const { page, next_cursor } = pageOf(found, limit, (last) => cursorTo(last, binding));
      return { status: 200, body: { namespaces: page.map((namespace) => ({ namespace })), next_cursor } };
    },
  });
}
