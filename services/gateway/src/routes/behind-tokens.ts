import { memoryRoutes } from './memories.js';
import { listingRoutes } from './listing.js';
import { batchRoutes } from './batches.js';
import { deleteManyRoutes } from './delete-many.js';
import { searchRoutes } from './searches.js';
import { graphRoutes } from './graph.js';
import { operationRoutes } from './operations.js';
import { eventRoutes } from './events.js';
import { webhookRoutes } from './webhooks.js';
import { webhookDeliveryRoutes } from './webhook-deliveries.js';
import { transferRoutes } from './transfer.js';
import { deadLetterRoutes } from './dead-letters.js';
import { eraseRoutes } from './erase.js';
import { tokenRoutes } from './tokens.js';
import { auditRoutes } from './audit.js';
import { quotaRoutes } from './quotas.js';
import { jobRoutes } from './jobs.js';
import { reindexRoutes } from './reindex.js';
import { retentionRoutes } from './retention.js';
import { logRoutes } from './log.js';
import type { Route } from '../route.js';
import type { AdminRouteDeps } from './route-deps.js';

const MAKERS = [
  memoryRoutes,
  listingRoutes,
  batchRoutes,
  deleteManyRoutes,
  searchRoutes,
  graphRoutes,
  operationRoutes,
  eventRoutes,
  webhookRoutes,
  webhookDeliveryRoutes,
  transferRoutes,
  deadLetterRoutes,
  eraseRoutes,
  tokenRoutes,
  auditRoutes,
  quotaRoutes,
  jobRoutes,
  reindexRoutes,
  retentionRoutes,
  logRoutes,
];

/** Every route that needs a token. */
export function routesBehindTokens(deps: AdminRouteDeps): Route[] {
  return MAKERS.flatMap((make) => make(deps));
}
