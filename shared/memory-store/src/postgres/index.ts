export { liveCondition, ofUserCondition } from './memory-row.js';
export { createPostgresAccessCounts } from './postgres-access-counts.js';
export { createPostgresErasing } from './postgres-erasing.js';
export { createPostgresMemoryStore } from './postgres-memory-store.js';
export { createPostgresQuotas } from './postgres-quotas.js';
export { createPostgresRetention } from './postgres-retention.js';
export { createPostgresRetentionPolicies } from './postgres-retention-policies.js';
export { liveMemories } from './read-states.js';
export { sampled } from './sampled.js';
