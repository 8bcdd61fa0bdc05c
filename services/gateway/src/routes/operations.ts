import { TOPICS } from '@soma/events';
import { RESERVED, type PositionVector } from '@soma/ledger';
import { formatTime, isUuid, type Operation } from '@soma/memory';
import { z } from 'zod';
import { positionsOfToken } from '../consistency.js';
import { areIndexed, type WatchedProgress } from '../projections.js';
import { RequestRefused } from '../refusal.js';
import { apiRoute, type Route } from '../route.js';
import { operationAnswer } from '../schemas/answers.js';
import { requestedOperation } from '../requested-operation.js';
import { publicRefusal } from '../write-answer.js';
import type { RouteDeps } from './route-deps.js';

const operationQuery = z.strictObject({
  token: z
    .string()
    .max(1024)
    .optional()
    .meta({ description: 'The consistency token of the write; the Location of a 202 has it' }),
});

/** What became of one command. */
export function operationRoutes(deps: RouteDeps): Route[] {
  return [
    apiRoute({
      method: 'get',
      path: '/operations/{id}',
      operationId: 'getOperation',
      summary: 'What became of a command',
      tag: 'operations',
      access: 'read',
      role: 'reader',
      query: operationQuery,
      headers: [],
      answers: { 200: { description: 'The operation', schema: operationAnswer } },
      errors: ['invalid_consistency_token', 'operation_not_found'],
      handle: async (request) => {
        const id = request.params['id'] ?? '';
        const positions = positionsOfToken(request.query.token, request.namespace, () =>
          deps.installation.current(),
        );
        // Asked before the ledger: what the workers have passed by now, the ledger knows by then.
        const pending = isUuid(id) && positions !== null && (await isPending(deps.watch, positions));
        const [found] = isUuid(id) ? await deps.operations(request, [id.toLowerCase()]) : [];
        const operation = found?.topic === RESERVED ? undefined : found;
        const job =
          operation === undefined && isUuid(id)
            ? await deps.requests.get(request, id.toLowerCase())
            : undefined;
        if (job !== undefined) return requestedOperation(job, deps);
        // A dead letter that was sent again keeps its old end until the worker has come to it.
        const redriven = pending && operation?.status === 'dead_lettered';
        if (operation !== undefined && !redriven)
          return { status: 200, body: await presentOperation(operation, deps.watch) };
        if (pending) return { status: 200, body: acceptedOperation(id.toLowerCase()) };
        throw new RequestRefused('operation_not_found', 'there is no such operation in this namespace');
      },
    }),
  ];
}

const WORKERS = [
  { group: 'writer', topic: TOPICS.memoryCommands },
  { group: 'graph', topic: TOPICS.graphCommands },
] as const;

/** Are the workers still before these positions? */
async function isPending(
  watch: WatchedProgress,
  { generation, positions }: PositionVector,
): Promise<boolean> {
  const reached = await Promise.all(
    WORKERS.map(async ({ group, topic }) => {
      const wanted = positions[topic];
      if (wanted === undefined) return true;
      return watch.reached({ group, topic, of: 'position', generation, positions: wanted }, 0);
    }),
  );
  return reached.includes(false);
}

async function presentOperation(
  operation: Operation,
  watch: WatchedProgress,
): Promise<Record<string, unknown>> {
  const indexed = operation.status === 'stored' && (await areIndexed(watch, [operation], 0));
  return {
    operation_id: operation.operation_id,
    status: indexed ? 'indexed' : operation.status,
    coord: operation.coord,
    version: operation.version,
    ...(operation.deleted === null ? {} : { deleted: operation.deleted }),
    ...(operation.error === null ? {} : { error: publicRefusal(operation.error) }),
    accepted_at: formatTime(operation.accepted_at),
    finished_at: formatTime(operation.finished_at),
  };
}

function acceptedOperation(id: string): Record<string, unknown> {
  return {
    operation_id: id,
    status: 'accepted',
    coord: null,
    version: null,
    accepted_at: null,
    finished_at: null,
  };
}
