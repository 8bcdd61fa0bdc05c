export { describeAuditLog } from './describe-audit-log.js';
export { describeTokens } from './describe-tokens.js';
