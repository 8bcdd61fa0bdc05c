import { adminRoute, type Route } from '../route.js';
import { generationAnswer } from '../schemas/answers.js';
import { noQuery } from '../schemas/reads.js';
import type { AdminRouteDeps } from './route-deps.js';

/** What an operator decides about the event log. */
export function logRoutes({ ledger }: AdminRouteDeps): Route[] {
  return [
    adminRoute({
      method: 'post',
      path: '/admin/log/accept',
      operationId: 'acceptLog',
      summary: 'Take the log as it is: workers that stopped at another one go on from its start',
      query: noQuery,
      answers: { 200: { description: 'The log generation from now on', schema: generationAnswer } },
      errors: [],
      handle: async () => ({ status: 200, body: { generation: await ledger.acceptLog() } }),
    }),
  ];
}
