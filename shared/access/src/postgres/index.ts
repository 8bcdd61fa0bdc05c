export { createPostgresAuditLog } from './postgres-audit-log.js';
export { createPostgresTokens } from './postgres-tokens.js';
