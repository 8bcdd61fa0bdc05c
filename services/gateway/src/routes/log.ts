import { apiRoute, type Route } from '../route.js';
import { generationAnswer } from '../schemas/answers.js';
import { noQuery } from '../schemas/reads.js';
import type { RouteDeps } from './route-deps.js';

/** What an operator decides about the event log. */
export function logRoutes({ ledger }: RouteDeps): Route[] {
  return [
    apiRoute({
      method: 'post',
      path: '/admin/log/accept',
      operationId: 'acceptLog',
      summary: 'Take the log as it is: workers that stopped at another one go on from its start',
      tag: 'admin',
      access: 'admin',
      query: noQuery,
      headers: [],
      answers: { 200: { description: 'The log generation from now on', schema: generationAnswer } },
      errors: [],
      handle: async () => ({ status: 200, body: { generation: await ledger.acceptLog() } }),
    }),
  ];
}
